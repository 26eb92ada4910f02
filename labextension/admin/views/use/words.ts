/**
 * What servers have and use, as a person reads it.
 */
import type { ServerUse } from '../../schemas';

const MILLI = 1000;
const MIB_PER_GIB = 1024;
const PERMILLE = 10;
const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export const STATES: Record<ServerUse['state'], string> = {
  in_use: 'In use',
  idle: 'Idle',
  unknown: 'Not known'
};

/** Processors, from thousandths. */
export function cpuText(millis: number): string {
  return NUMBER.format(millis / MILLI);
}

/** Memory in GiB, from MiB. */
export function memoryText(mib: number): string {
  return `${NUMBER.format(mib / MIB_PER_GIB)} GiB`;
}

/** How much of something is used: "1.5 of 8"; what was not measured is a dash. */
export function ofText(
  used: number | null,
  held: number,
  textOf: (value: number) => string
): string {
  return `${used === null ? '–' : textOf(used)} of ${textOf(held)}`;
}

/** How much of its devices a server uses, in percent. */
export function deviceText(permille: number | null): string {
  return permille === null ? 'Not measured' : `${Math.round(permille / PERMILLE)} %`;
}
