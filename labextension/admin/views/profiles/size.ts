/** A number of bytes in GiB. */
export function sizeText(bytes: number): string {
  return `${Number((bytes / 2 ** 30).toPrecision(3)).toLocaleString('en')} GiB`;
}
