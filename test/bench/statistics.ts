/** The middle value; the mean of the two in the middle when there is none. @throws RangeError for no values */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** First and third quartile: half of the values lie between them. @throws RangeError for no values */
export function quartiles(values: readonly number[]): readonly [low: number, high: number] {
  return [quantile(values, 0.25), quantile(values, 0.75)];
}

function quantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * fraction;
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (low === undefined || high === undefined) throw new RangeError('no values');
  return low + (high - low) * (place - Math.floor(place));
}

/** Values of subject and floor from the same round, as ratios. */
export function ratios(subject: readonly number[], floor: readonly number[]): readonly number[] {
  return subject.map((value, round) => value / (floor[round] ?? Number.NaN));
}
