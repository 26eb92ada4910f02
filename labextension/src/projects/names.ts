/**
 * What projects and roles are called.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Role } from './schemas';

/** What a project is chosen for: to work in, to see its page, to bring it back, or to remove it for good. */
export type Purpose = 'switch' | 'page' | 'undelete' | 'purge';

/** The roles, the strongest first. */
export const ROLES: readonly Role[] = ['owner', 'editor', 'viewer'];

const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
const SLUG_LENGTH = 63;
// Letters that do not decompose into a plain letter and an accent.
const PLAIN: Record<string, string> = {
  æ: 'ae',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ø: 'o',
  œ: 'oe',
  ß: 'ss',
  þ: 'th'
};

/** A role as a person reads it. */
export function roleName(role: Role, trans: TranslationBundle): string {
  const names: Record<Role, string> = {
    owner: trans.__('Owner'),
    editor: trans.__('Editor'),
    viewer: trans.__('Viewer')
  };
  return names[role];
}

/** What a role allows, as a person reads it. */
export function roleMeaning(role: Role, trans: TranslationBundle): string {
  const meanings: Record<Role, string> = {
    owner: trans.__('You may change everything, and who is in it'),
    editor: trans.__('You may change what is in it'),
    viewer: trans.__('You may read what is in it')
  };
  return meanings[role];
}

/** The identifier that a name suggests; empty when it has no letter or digit that fits. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[æđðłøœßþ]/g, letter => PLAIN[letter])
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_LENGTH)
    .replace(/^-+|-+$/g, '');
}

/** Whether the server would take it. */
export function isSlug(text: string): boolean {
  return SLUG.test(text);
}
