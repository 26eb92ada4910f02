/**
 * The vocabulary of the snippets' screens.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { SnippetContent } from '../schemas';

/** What the parts of a snippet are called in a sentence. */
export function fieldNames(
  trans: TranslationBundle
): Record<keyof SnippetContent, string> {
  return {
    name: trans.__('name'),
    description: trans.__('description'),
    language: trans.__('language'),
    other_languages: trans.__('other languages'),
    tags: trans.__('tags'),
    prefixes: trans.__('prefixes'),
    syntax: trans.__('body'),
    cells: trans.__('code')
  };
}
