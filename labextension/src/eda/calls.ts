// Generated from the routes of orrery_server/eda by "jlpm schemas"; change those and run it again.
import type { ServerConnection } from '@jupyterlab/services';

import { request, segment, type ICallOptions } from '../base/request';
import type { Page } from '../base/schemas';
import type {
  Checks,
  ChecksQuery,
  Code,
  CodeIn,
  ColumnProfile,
  ColumnQuery,
  Handover,
  HandoverIn,
  LoadIn,
  RenderIn,
  Report,
  ReportQuery,
  Result,
  Run,
  RunIn,
  RunQuery,
  Source,
  SourceQuery,
  WatchQuery
} from './schemas';

/** The calls of eda, one per route of the lab's server. */
export class EdaCalls {
  constructor(settings?: ServerConnection.ISettings) {
    this._settings = settings;
  }

  /** What was profiled before, newest first, then what else can be. */
  listSources(
    query: SourceQuery = {},
    options: ICallOptions = {}
  ): Promise<Page<Source>> {
    return request('eda/sources', { ...options, query: { ...query } }, this._settings);
  }

  /** A place for a kernel to write a dataframe to. */
  createHandover(body: HandoverIn, options: ICallOptions = {}): Promise<Handover> {
    return request(
      'eda/handovers',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** One page of the runs, newest first. */
  listRuns(query: RunQuery = {}, options: ICallOptions = {}): Promise<Page<Run>> {
    return request('eda/runs', { ...options, query: { ...query } }, this._settings);
  }

  /** Begin a run; what cannot be begun is refused at once. */
  start(body: RunIn, options: ICallOptions = {}): Promise<Run> {
    return request('eda/runs', { ...options, method: 'POST', body }, this._settings);
  }

  /** Code for a cell that loads a source; it was run on the source, and gives what a profile says. */
  load(body: LoadIn, options: ICallOptions = {}): Promise<Code> {
    return request('eda/code', { ...options, method: 'POST', body }, this._settings);
  }

  /** A suite as code or as a file. */
  render(body: RenderIn, options: ICallOptions = {}): Promise<Checks> {
    return request('eda/checks', { ...options, method: 'POST', body }, this._settings);
  }

  /** Forget what a kernel handed over. */
  deleteHandover(id: string, options: ICallOptions = {}): Promise<void> {
    return request(
      `eda/handovers/${segment(id)}`,
      { ...options, method: 'DELETE' },
      this._settings
    );
  }

  /** What a run has found; with ``wait`` when there is more than is known, or the time is over. */
  watch(
    id: string,
    query: WatchQuery = {},
    options: ICallOptions = {}
  ): Promise<Result> {
    return request(
      `eda/runs/${segment(id)}`,
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** Forget a run with all that it found; one that is under way is stopped first. */
  delete(id: string, options: ICallOptions = {}): Promise<void> {
    return request(
      `eda/runs/${segment(id)}`,
      { ...options, method: 'DELETE' },
      this._settings
    );
  }

  /** Stop a run; its process is gone when this returns. */
  cancel(id: string, options: ICallOptions = {}): Promise<Run> {
    return request(
      `eda/runs/${segment(id)}/cancel`,
      { ...options, method: 'POST' },
      this._settings
    );
  }

  /** One page of the columns that a run has profiled. */
  columns(
    id: string,
    query: ColumnQuery = {},
    options: ICallOptions = {}
  ): Promise<Page<ColumnProfile>> {
    return request(
      `eda/runs/${segment(id)}/columns`,
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** Code for a cell that loads or shows a part of a run, or applies a quick fix; it was run before. */
  code(id: string, body: CodeIn, options: ICallOptions = {}): Promise<Code> {
    return request(
      `eda/runs/${segment(id)}/code`,
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** What a run found, as a document; the full report is HTML with scripts of its own. */
  report(
    id: string,
    query: ReportQuery = {},
    options: ICallOptions = {}
  ): Promise<Report> {
    return request(
      `eda/runs/${segment(id)}/report`,
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** Checks that what was profiled suggests. */
  checks(
    id: string,
    query: ChecksQuery = {},
    options: ICallOptions = {}
  ): Promise<Checks> {
    return request(
      `eda/runs/${segment(id)}/checks`,
      { ...options, query: { ...query } },
      this._settings
    );
  }

  private readonly _settings: ServerConnection.ISettings | undefined;
}
