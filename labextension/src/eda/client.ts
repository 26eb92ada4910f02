/**
 * The requests of Auto-EDA, with the time limits that they need.
 */
import type { ServerConnection } from '@jupyterlab/services';

import type { Page } from '../base/schemas';
import { EdaCalls } from './calls';
import type {
  Checks,
  ChecksFormat,
  Code,
  CodeIn,
  ColumnProfile,
  ColumnQuery,
  LoadIn,
  RenderIn,
  Report,
  ReportFormat,
  Result,
  Run,
  RunIn,
  RunQuery,
  Source,
  SourceQuery
} from './schemas';

// A long poll is answered within its time; the rest is for the network.
const NETWORK_MS = 10_000;
// Writing a report of thousands of columns takes a while.
const REPORT_MS = 120_000;

/** Asks the server of this lab. */
export class EdaClient {
  constructor(settings?: ServerConnection.ISettings) {
    this._calls = new EdaCalls(settings);
  }

  sources(query: SourceQuery = {}, signal?: AbortSignal): Promise<Page<Source>> {
    return this._calls.listSources(query, { signal });
  }

  runs(query: RunQuery = {}, signal?: AbortSignal): Promise<Page<Run>> {
    return this._calls.listRuns(query, { signal });
  }

  /** A run when there is more than a revision, or after so many seconds. */
  watch(
    id: string,
    after: number,
    wait: number,
    signal?: AbortSignal
  ): Promise<Result> {
    const timeoutMs = wait * 1_000 + NETWORK_MS;
    // Whoever knows a revision has its results.
    const query = { after, wait, lean: after >= 0 };
    return this._calls.watch(id, query, { signal, timeoutMs });
  }

  columns(
    id: string,
    query: ColumnQuery = {},
    signal?: AbortSignal
  ): Promise<Page<ColumnProfile>> {
    return this._calls.columns(id, query, { signal });
  }

  report(id: string, format: ReportFormat, brief = false): Promise<Report> {
    return this._calls.report(id, { format, brief }, { timeoutMs: REPORT_MS });
  }

  checks(id: string, format: ChecksFormat): Promise<Checks> {
    return this._calls.checks(id, { format });
  }

  start(run: RunIn): Promise<Run> {
    return this._calls.start(run);
  }

  cancel(id: string): Promise<Run> {
    return this._calls.cancel(id);
  }

  remove(id: string): Promise<void> {
    return this._calls.delete(id);
  }

  code(id: string, request: CodeIn): Promise<Code> {
    return this._calls.code(id, request);
  }

  /** Code that loads a source. */
  load(request: LoadIn): Promise<Code> {
    return this._calls.load(request);
  }

  render(request: RenderIn): Promise<Checks> {
    return this._calls.render(request);
  }

  private readonly _calls: EdaCalls;
}
