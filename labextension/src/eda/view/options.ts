/**
 * What the tab of a run is given by those who open it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Page } from '../../base/schemas';
import type {
  Checks,
  ChecksFormat,
  Code,
  CodeIn,
  ColumnProfile,
  ColumnQuery,
  Dialect,
  RenderIn,
  Report,
  ReportFormat,
  Result,
  Run,
  RunIn,
  RunQuery,
  Source,
  SourceQuery
} from '../schemas';

/** What the tab asks of the server. */
export interface IViewClient {
  sources(query: SourceQuery): Promise<Page<Source>>;
  runs(query: RunQuery): Promise<Page<Run>>;
  watch(id: string, after: number, wait: number, signal?: AbortSignal): Promise<Result>;
  cancel(id: string): Promise<Run>;
  columns(
    id: string,
    query: ColumnQuery,
    signal?: AbortSignal
  ): Promise<Page<ColumnProfile>>;
  code(id: string, code: CodeIn): Promise<Code>;
  report(id: string, format: ReportFormat, brief?: boolean): Promise<Report>;
  checks(id: string, format: ChecksFormat): Promise<Checks>;
  render(suite: RenderIn): Promise<Checks>;
}

/** A variable of the kernel that holds the table. */
export interface IFrameName {
  name: string;
  dialect: Dialect;
}

/** What is shown, and what can be done with it outside the tab. */
export interface IViewOptions {
  /** The run. */
  id: string;
  client: IViewClient;
  trans: TranslationBundle;
  /** Put code into the active notebook, as one undo step. */
  insert(code: string): void;
  /** The variable that the code should name; null if no kernel holds the table. */
  frame(): IFrameName | null;
  start(run: RunIn): Promise<Run>;
  /** Open the tab of another run. */
  open(id: string): void;
  /** Hand a file to the person. */
  files(report: Report): void;
  onError(error: unknown): void;
}
