import type { Entry, EntryPage, EntryQuery, Location } from '../../src/data/schemas';

export function location(id: string, changes: Partial<Location> = {}): Location {
  return {
    id,
    name: id,
    title: id,
    kind: 'store',
    source: 's3',
    address: `s3://${id}`,
    description: '',
    audience: 'person',
    project: null,
    connection: 1,
    is_read_only: false,
    may_use: true,
    may_write: true,
    ...changes
  };
}

export function entry(path: string, changes: Partial<Entry> = {}): Entry {
  const kind = changes.kind ?? 'file';
  return {
    path,
    name: path.slice(path.lastIndexOf('/') + 1),
    kind,
    has_children: kind === 'folder',
    size: kind === 'file' ? 10 : null,
    modified: null,
    etag: '',
    type: '',
    comment: '',
    owner: '',
    rows: null,
    is_nullable: null,
    key: '',
    default: '',
    problem: '',
    ...changes
  };
}

export const folder = (path: string): Entry => entry(path, { kind: 'folder' });

export function page(
  items: readonly Entry[],
  changes: Partial<EntryPage> = {}
): EntryPage {
  return { items, next: '', scanned: items.length, notice: '', ...changes };
}

/** A server that a test fills; what it is asked is noted. */
export class Server {
  locations: readonly Location[] = [location('a'), location('b')];
  readonly pages = new Map<string, readonly Entry[]>();
  readonly asked: EntryQuery[] = [];
  failure: Error | null = null;
  size = 2;

  readonly client = {
    locations: () => Promise.resolve({ items: this.locations, problem: null }),
    entries: (query: EntryQuery, signal?: AbortSignal): Promise<EntryPage> => {
      this.asked.push(query);
      signal?.throwIfAborted();
      if (this.failure) {
        return Promise.reject(this.failure);
      }
      const all = (
        this.pages.get(`${query.location}:${query.path ?? ''}`) ?? []
      ).filter(
        ({ name }) =>
          name.includes(query.filter ?? '') && name.startsWith(query.prefix ?? '')
      );
      const start = Number(query.page_token || 0);
      const end = start + this.size;
      const next = end < all.length ? String(end) : '';
      return Promise.resolve(page(all.slice(start, end), { next }));
    }
  };
}
