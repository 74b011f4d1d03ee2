/** How many files that were sent are remembered while the page is open. */
const MOST = 50;
const files = new Map();

/** What was sent from here can be shown from here: the node's copy goes once the others have it. */
export function keepSent(transfer, file) {
  files.set(transfer, { file, address: null });
  if (files.size <= MOST) return;
  const [oldest, { address }] = files.entries().next().value;
  files.delete(oldest);
  if (address) URL.revokeObjectURL(address);
}

export const sentFile = (transfer) => files.get(transfer)?.file;

/** An address of this page for it, or nothing. */
export function sentAddress(transfer) {
  const kept = files.get(transfer);
  if (!kept) return null;
  kept.address ??= URL.createObjectURL(kept.file);
  return kept.address;
}
