/**
 * Files for the person's own disk.
 */

/** A file that the person keeps. */
export interface ISaved {
  readonly name: string;
  /** Its MIME type. */
  readonly type: string;
  readonly content: BlobPart;
}

/** Hand a file to the browser, which puts it where the person keeps what was downloaded. */
export function save({ name, type, content }: ISaved): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the address after the click is over.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
