/**
 * What the tab of a run is given by those who open it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { EdaClient } from '../client';
import type { Dialect, Overview, Report, Run, RunIn } from '../schemas';

/** What the tab asks of the server. */
export type IViewClient = Pick<
  EdaClient,
  | 'cancel'
  | 'checks'
  | 'code'
  | 'columns'
  | 'render'
  | 'report'
  | 'runs'
  | 'sources'
  | 'watch'
>;

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
  /** The folder of that notebook, from the root of the lab's files; null if there is none. */
  folder(): string | null;
  /** The variable that the code should name; null if no kernel holds the table. */
  frame(): IFrameName | null;
  start(run: RunIn): Promise<Run>;
  /** Ask how the source is to be read, beginning with how it was, and profile it so. */
  change(run: Run, overview: Overview | null): Promise<void>;
  /** Open the tab of another run. */
  open(id: string): void;
  /** Hand a file to the person. */
  files(report: Report): void;
  onError(error: unknown): void;
}
