/**
 * The addresses of auto-EDA, in the order of `handlers.py`.
 */
import type { ServerConnection } from '@jupyterlab/services';

import { request, type IRequest } from '../base/request';
import type { Page } from '../base/schemas';
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

type Query = IRequest['query'];

// A long poll is answered within its time; the rest is for the way.
const WAY_MS = 10_000;
// Writing a report of thousands of columns takes a while.
const REPORT_MS = 120_000;

/** Asks the server of this lab. */
export class EdaClient {
  constructor(settings?: ServerConnection.ISettings) {
    this._settings = settings;
  }

  sources(query: SourceQuery = {}, signal?: AbortSignal): Promise<Page<Source>> {
    return this._ask('eda/sources', { query: query as Query, signal });
  }

  runs(query: RunQuery = {}, signal?: AbortSignal): Promise<Page<Run>> {
    return this._ask('eda/runs', { query: query as Query, signal });
  }

  start(body: RunIn): Promise<Run> {
    return this._ask('eda/runs', { method: 'POST', body });
  }

  watch(
    id: string,
    after: number,
    wait: number,
    signal?: AbortSignal
  ): Promise<Result> {
    const timeoutMs = wait * 1_000 + WAY_MS;
    // Whoever knows a revision has kept what was found until then.
    const query = { after, wait, lean: after >= 0 };
    return this._ask(at(id), { query, signal, timeoutMs });
  }

  remove(id: string): Promise<void> {
    return this._ask(at(id), { method: 'DELETE' });
  }

  cancel(id: string): Promise<Run> {
    return this._ask(at(id, 'cancel'), { method: 'POST' });
  }

  columns(
    id: string,
    query: ColumnQuery = {},
    signal?: AbortSignal
  ): Promise<Page<ColumnProfile>> {
    return this._ask(at(id, 'columns'), { query: query as Query, signal });
  }

  code(id: string, body: CodeIn): Promise<Code> {
    return this._ask(at(id, 'code'), { method: 'POST', body });
  }

  /** Code that loads a source. */
  load(body: LoadIn): Promise<Code> {
    return this._ask('eda/code', { method: 'POST', body });
  }

  report(id: string, format: ReportFormat, brief = false): Promise<Report> {
    const query = { format, brief };
    return this._ask(at(id, 'report'), { query, timeoutMs: REPORT_MS });
  }

  checks(id: string, format: ChecksFormat): Promise<Checks> {
    return this._ask(at(id, 'checks'), { query: { format } });
  }

  render(body: RenderIn): Promise<Checks> {
    return this._ask('eda/checks', { method: 'POST', body });
  }

  private _ask<T>(path: string, init: IRequest): Promise<T> {
    return request<T>(path, init, this._settings);
  }

  private readonly _settings: ServerConnection.ISettings | undefined;
}

function at(id: string, part = ''): string {
  const run = `eda/runs/${encodeURIComponent(id)}`;
  return part ? `${run}/${part}` : run;
}
