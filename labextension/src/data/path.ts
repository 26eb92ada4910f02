/**
 * Paths of the tree: slashes between names; in a database, names with a slash or a percent sign are written encoded.
 */
import type { Location } from './schemas';

/** What a place in the tree is remembered by. */
export function keyOf(location: string, path: string): string {
  return `${location}:${path}`;
}

/** The folder that a path is in; empty for the top of the location. */
export function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** The last name of a path, as a person reads it. */
export function nameOfPath({ kind }: Pick<Location, 'kind'>, path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return kind === 'database' ? decodeURIComponent(name) : name;
}

/** The paths from the top of a location down to one. */
export function ancestors(path: string): readonly string[] {
  const names = path === '' ? [] : path.split('/');
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}
