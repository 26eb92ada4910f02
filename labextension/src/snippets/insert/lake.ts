/**
 * The lake of the project that the lab works in: how code reaches it, and which tables lie in it.
 */
import type { Contents } from '@jupyterlab/services';

import type { IProjects } from '../../projects/tokens';

/** A lake as snippets name it. */
export interface ILake {
  /** A URL, or a path in the lab's file browser; empty when code cannot be told where it is. */
  location: string;
  /** The tables directly in it, without the ends of their names. */
  datasets: readonly string[];
}

const NO_LAKE: ILake = { location: '', datasets: [] };
const TABLE = /\.(arrow|csv|feather|json|jsonl|ndjson|parquet|tsv)$/i;
const MOST_TABLES = 200;
const FRESH_MS = 10_000;

/** Finds the lake of the current project, anew after ten seconds or when the project is another. */
export class LakeFinder {
  constructor(
    private readonly projects: Pick<IProjects, 'current' | 'storage'> | null,
    private readonly contents: Pick<Contents.IManager, 'get'>
  ) {}

  find(): Promise<ILake> {
    const slug = this.projects?.current?.slug ?? '';
    if (slug !== this._slug || Date.now() > this._until) {
      this._slug = slug;
      this._until = Date.now() + FRESH_MS;
      // A snippet has a default for what cannot be asked now.
      this._lake = this._ask(slug).catch(() => NO_LAKE);
    }
    return this._lake;
  }

  private async _ask(slug: string): Promise<ILake> {
    if (!slug || !this.projects) {
      return NO_LAKE;
    }
    const { places } = await this.projects.storage(slug);
    const lake = places.find(({ kind }) => kind === 'lake');
    if (!lake || lake.location.includes('://')) {
      return { location: lake?.location ?? '', datasets: [] };
    }
    // What the file browser cannot show has an absolute path alone, which is no text for code.
    return lake.path === null
      ? NO_LAKE
      : { location: lake.path || '/', datasets: await this._tablesIn(lake.path) };
  }

  private async _tablesIn(path: string): Promise<readonly string[]> {
    const folder = await this.contents.get(path, { content: true });
    const entries = (folder.content ?? []) as readonly Contents.IModel[];
    const names = entries
      .filter(({ name, type }) => type !== 'directory' && TABLE.test(name))
      .map(({ name }) => name.replace(TABLE, ''));
    return [...new Set(names)].sort().slice(0, MOST_TABLES);
  }

  private _slug = '';
  private _until = 0;
  private _lake: Promise<ILake> = Promise.resolve(NO_LAKE);
}
