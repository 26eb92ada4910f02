/**
 * Files for the person's own disk.
 */
import { strToU8, zipSync } from 'fflate';

import type { SnippetFile } from './schemas';

const ARCHIVE = 'snippets.zip';

/** Hand files to the browser: one as it is, several in an archive, for it would ask about each. */
export function download(files: readonly SnippetFile[]): void {
  if (files.length === 1) {
    const [{ name, content }] = files;
    save(
      name.split('/').pop() ?? name,
      new Blob([content], { type: 'application/json' })
    );
  } else if (files.length) {
    const entries = files.map(({ name, content }) => [name, strToU8(content)] as const);
    const archive = zipSync(Object.fromEntries(entries));
    save(ARCHIVE, new Blob([archive], { type: 'application/zip' }));
  }
}

function save(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the address after the click is over.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
