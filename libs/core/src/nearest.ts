/** The known word that was probably meant by `key`, if any. */
export function nearest(key: string, known: string[]): string | undefined {
  const most = key.length > 3 ? 2 : 1;
  const [closest] = known
    .map((candidate) => ({ candidate, distance: distance(key, candidate) }))
    .toSorted((a, b) => a.distance - b.distance);
  if (closest !== undefined && closest.distance <= most) return closest.candidate;
  return known.find((candidate) => key.length > 3 && (candidate.startsWith(key) || key.startsWith(candidate)));
}

/** Letters to put in, take out or replace, until one word is the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let index = 1; index <= a.length; index++) {
    const next = [index];
    for (let column = 1; column <= b.length; column++) {
      const replaced = row[column - 1]! + (a[index - 1] === b[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
