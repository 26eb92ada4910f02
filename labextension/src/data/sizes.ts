/**
 * Sizes and counts as a person reads them.
 */
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const STEP = 1024;

/** 12 B, 3.4 MiB */
export function bytes(size: number): string {
  let value = size;
  let unit = 0;
  while (value >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toLocaleString(undefined, { maximumFractionDigits: digits })} ${UNITS[unit]}`;
}

/** 1.2K */
export function short(count: number): string {
  return new Intl.NumberFormat(undefined, { notation: 'compact' }).format(count);
}
