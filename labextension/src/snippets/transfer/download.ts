/**
 * Snippets as files for the person's own disk.
 */
import { strToU8, zipSync } from 'fflate';

import { save } from '../../base/save';
import type { SnippetFile } from '../schemas';

const ARCHIVE = 'snippets.zip';

/** Hand files to the browser: one as it is, several in an archive, for it would ask about each. */
export function download(files: readonly SnippetFile[]): void {
  if (files.length === 1) {
    const [{ name, content }] = files;
    save({ name: name.split('/').pop() ?? name, type: 'application/json', content });
  } else if (files.length) {
    const entries = files.map(({ name, content }) => [name, strToU8(content)] as const);
    const archive = zipSync(Object.fromEntries(entries));
    save({ name: ARCHIVE, type: 'application/zip', content: archive });
  }
}
