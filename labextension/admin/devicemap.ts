/**
 * The devices of a pool as cells: who holds each, and which are free.
 */
import type { Lease } from './schemas';

export interface IDevice {
  /** The lease that holds it; undefined for a free device. */
  readonly lease: Lease | undefined;
}

/** One cell for each device; those in use first, in the order of the leases. A pool without a limit shows what is used. */
export function devicesOf(
  leases: readonly Lease[],
  total: number | null
): readonly IDevice[] {
  const used = leases.flatMap(lease =>
    Array.from({ length: lease.devices }, (): IDevice => ({ lease }))
  );
  const free = Math.max(0, (total ?? 0) - used.length);
  return [
    ...used,
    ...Array.from({ length: free }, (): IDevice => ({ lease: undefined }))
  ];
}
