/** What keeps a folder from being used, by the system's code; and as LevelDB says it, which has no codes. */
const causes: readonly (readonly [code: RegExp, says: RegExp, inWords: string])[] = [
  [/^(?:ENOSPC|EDQUOT|EFBIG)$/, /no space left|quota exceeded|file too large/i, 'the disk is full'],
  [/^(?:EACCES|EPERM)$/, /permission denied|not permitted/i, 'this user has no permission for it'],
  [/^EROFS$/, /read-only file system/i, 'its file system is read-only'],
  [/^(?:ENOTDIR|EEXIST)$/, /not a directory|file exists/i, 'a file is where a folder is needed'],
  [/^EISDIR$/, /is a directory/i, 'a folder is where a file is needed'],
  [/^(?:EMFILE|ENFILE)$/, /too many open files/i, 'too many files are open'],
  [/^ENAMETOOLONG$/, /name too long/i, 'its name is too long'],
  [/^ELOOP$/, /levels of symbolic links/i, 'its links go round in a circle'],
  [/^EIO$/, /input\/output error/i, 'the disk failed'],
  [/^LEVEL_LOCKED$/, /lock .*: (?:already held|resource temporarily)/i, 'another process holds its files'],
  [/^ENOENT$/, /no such file or directory/i, 'it is gone'],
  [/^LEVEL_(?:CORRUPTION|DATABASE_NOT_OPEN|IO_ERROR)/, /corruption|checksum/i, 'its files are damaged'],
];

/**
 * What is wrong with some files, in plain words.
 * @param place the path that is named where the error names none
 * @returns the error's own message where it is none of the usual
 */
export function storageProblem(error: unknown, place: string): string {
  const inWords = knownCause(error);
  if (inWords !== undefined) return `${pathIn(error) ?? place} cannot be used: ${inWords}`;
  return error instanceof Error ? error.message : String(error);
}

/** True for errors of the disk and its files: there is nothing in the program to mend. */
export function isStorageProblem(error: unknown): boolean {
  return knownCause(error) !== undefined;
}

function pathIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  return pathIn(error.cause) ?? path;
}

/** The deepest error knows best: what is above it says "cannot be opened". */
function knownCause(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const below = knownCause(error.cause);
  if (below !== undefined) return below;
  const code = 'code' in error ? String(error.code) : '';
  const isStorage = code.startsWith('LEVEL_') || 'syscall' in error;
  return isStorage ? causes.find(([codes, says]) => codes.test(code) || says.test(error.message))?.[2] : undefined;
}
