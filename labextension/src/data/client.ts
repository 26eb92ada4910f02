/**
 * The requests of the tree and of connections, with the time limits that they need.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { DataCalls } from './calls';
import type { EntryPage, EntryQuery, Locations, Preview, PreviewIn } from './schemas';

// A store that is far away, or a database that is asleep, takes longer than this server.
const STORE_MS = 60_000;

/** Asks the server of this lab. */
export class DataClient extends DataCalls {
  constructor(private readonly settings = ServerConnection.makeSettings()) {
    super(settings);
  }

  /** Every location. */
  allLocations(signal?: AbortSignal): Promise<Locations> {
    return this.locations({}, { signal });
  }

  /** One page of entries. */
  page(query: EntryQuery, signal?: AbortSignal): Promise<EntryPage> {
    return this.entries(query, { signal, timeoutMs: STORE_MS });
  }

  /** A window of what a thing holds. */
  window(request: PreviewIn, signal?: AbortSignal): Promise<Preview> {
    return this.preview(request, { signal, timeoutMs: STORE_MS });
  }

  /** The address that the browser saves a file from. */
  downloadUrl(location: string, path: string): string {
    const query = new URLSearchParams({ location, path });
    const url = URLExt.join(this.settings.baseUrl, 'orrery/data/download');
    return `${url}?${query.toString()}`;
  }
}
