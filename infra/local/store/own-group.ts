import { readFile } from 'node:fs/promises';

/** Who this process is, as the system counts users and groups. */
export interface User {
  readonly userId: number;
  readonly groupId: number;
}

/** The texts of `/etc/passwd` and `/etc/group`; empty where there is none. */
export interface Accounts {
  readonly users: string;
  readonly groups: string;
}

/** What this machine says of its accounts. */
export async function readAccounts(): Promise<Accounts> {
  const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
  const [users, groups] = await Promise.all([textOf('/etc/passwd'), textOf('/etc/group')]);
  return { users, groups };
}

/**
 * Whether a user is alone in its primary group, as most Linux systems make it: the group has the user's name, or, where
 * neither is listed, its number, and nobody else is in it. Other primary groups (`users`, `staff`) are many people's,
 * whoever is listed on this machine.
 */
export function isAloneInGroup({ userId, groupId }: User, { users, groups }: Accounts): boolean {
  const accounts = fieldsOf(users).map(([name, , id, group]) => ({ name, id: Number(id), group: Number(group) }));
  if (accounts.some(({ id, group }) => group === groupId && id !== userId)) return false;
  const [group] = fieldsOf(groups).filter(([, , id]) => Number(id) === groupId);
  const names = accounts.filter(({ id }) => id === userId).map(({ name }) => name);
  if (group === undefined) return names.length === 0 && groupId === userId;
  const [groupName, , , members = ''] = group;
  return names.includes(groupName) && members.split(',').every((name) => name === '' || names.includes(name));
}

const fieldsOf = (text: string): readonly (readonly string[])[] =>
  text.split('\n').map((line) => line.trim().split(':'));
