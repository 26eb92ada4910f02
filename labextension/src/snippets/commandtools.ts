/**
 * What the commands of snippets are called, and what they work on.
 */
import type { ISnippetsContext, ISnippetsOpener } from './context';
import type { DraftStore } from './editor/draft';
import type { Capture } from './insert/capture';

/** The ids of the commands. */
export const CommandIDs = {
  openPanel: 'snippets:open-panel',
  new: 'snippets:new',
  insert: 'snippets:insert',
  edit: 'snippets:edit',
  save: 'snippets:save',
  duplicate: 'snippets:duplicate',
  delete: 'snippets:delete',
  copy: 'snippets:copy',
  download: 'snippets:download',
  favourite: 'snippets:favourite',
  history: 'snippets:history',
  shortcut: 'snippets:shortcut',
  share: 'snippets:share',
  saveSelection: 'snippets:save-selection',
  saveCells: 'snippets:save-cells',
  import: 'snippets:import',
  export: 'snippets:export',
  libraries: 'snippets:libraries',
  sort: 'snippets:sort',
  refresh: 'snippets:refresh',
  installMissing: 'snippets:install-missing'
} as const;

/** What the commands need besides the context. */
export interface ICommandTools {
  readonly context: ISnippetsContext;
  readonly opener: ISnippetsOpener;
  readonly drafts: DraftStore;
  readonly capture: Capture;
}
