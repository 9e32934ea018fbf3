// @ts-check
import { listTargets } from './targets-api.js';

/** @typedef {import('./targets-api.js').Target} Target @typedef {import('./targets-api.js').TargetPage} TargetPage */

/** One step asks for so many pages at most: it costs the same however many targets there are. */
const pagesPerStep = 5;
/** The API ends a walk over pages here. */
const maxWalked = 5_000;

/**
 * All targets, from page to page: through all of them at first, then on from where the last step ended. Up to 500 are
 * read again at each step, 2,000 at every fourth.
 * @param {string} project whose targets, '' for all
 * @param {() => void} progress called while the first walk goes on
 */
export function targetWalk(project, progress) {
  /** @type {Map<string, Target>} */
  const found = new Map();
  /** @type {TargetPage['unfit']} */
  let invalid = [];
  let hasMore = false;
  let walk = newWalk(project, true);
  const finish = () => {
    for (const { id, project } of found.values()) {
      if (!walk.seen.has(id) && (walk.project === '' || walk.project === project)) found.delete(id);
    }
    if (walk.project === '') ({ invalid } = walk);
    hasMore = walk.cursor !== undefined;
    walk = newWalk(walk.project, false);
  };
  return {
    found,
    invalid: () => invalid,
    /** Whether the API has more than it lists. */
    hasMore: () => hasMore,
    isFirst: () => walk.isFirst,
    /** From now on the targets of one project only, '' for all. @param {string} project */
    choose(project) {
      walk = newWalk(project, true);
    },
    async step() {
      const mine = walk;
      for (let pages = 1; ; pages += 1) {
        const page = await listTargets(mine.project, mine.cursor);
        // Another project was chosen meanwhile.
        if (mine !== walk) return;
        takePage(mine, page, found);
        if (mine.cursor === undefined || mine.seen.size >= maxWalked) return finish();
        if (pages % pagesPerStep > 0) continue;
        if (!mine.isFirst) return;
        progress();
      }
    },
  };
}

/** @param {string} project @param {boolean} isFirst */
function newWalk(project, isFirst) {
  return {
    project,
    isFirst,
    cursor: /** @type {string | undefined} */ (undefined),
    seen: /** @type {Set<string>} */ (new Set()),
    invalid: /** @type {TargetPage['unfit']} */ ([]),
  };
}

/** @param {ReturnType<typeof newWalk>} walk @param {TargetPage} page @param {Map<string, Target>} found */
function takePage(walk, { targets, unfit, cursor }, found) {
  for (const target of targets) {
    found.set(target.id, target);
    walk.seen.add(target.id);
  }
  walk.invalid.push(...unfit);
  walk.cursor = cursor;
}
