import { BaseSequencer } from 'vitest/node';
import type { TestSequencerConstructor, TestSpecification } from 'vitest/node';

/**
 * An order of test files in which some begin before all others of their group: those that take longest, so that no worker
 * has one of them left when the others are done. By itself Vitest goes by size where it has not run them before.
 * @param paths ends of the files' paths, the longest first
 */
export function longestFirst(paths: readonly string[]): TestSequencerConstructor {
  const placeOf = ({ moduleId }: TestSpecification): number => {
    const place = paths.findIndex((path) => moduleId.endsWith(path));
    return place === -1 ? paths.length : place;
  };
  const groupOf = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const sorted = await super.sort(files);
      return sorted.toSorted((a, b) => groupOf(a) - groupOf(b) || placeOf(a) - placeOf(b));
    }
  };
}
