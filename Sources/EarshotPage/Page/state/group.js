/** What belongs together by `key(item)`, in its order: a Map of lists. */
export function group(items, key) {
  const groups = new Map();
  for (const item of items) {
    const name = key(item);
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return groups;
}
