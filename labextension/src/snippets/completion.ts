import type {
  CompletionHandler,
  ICompletionContext,
  ICompletionProvider
} from '@jupyterlab/completer';
import type { LabIcon } from '@jupyterlab/ui-components';

import type { Snippet } from './schemas';
import type { IWorld } from './variables';

export interface ISnippetCompletionsOptions {
  /** The snippets that have a prefix, of a language and without waiting: a cache of the panel's. */
  list: (language: string) => readonly Snippet[];
  world: () => IWorld;
  /** False switches the offers off (a setting). */
  enabled?: () => boolean;
  icon?: LabIcon;
  /** Told after a completion was taken, to count the use. */
  onInserted?: (snippet: Snippet) => void;
}

/** Offers snippets by their prefix; register it with `ICompletionProviderManager`. */
export declare class SnippetCompletions implements ICompletionProvider {
  constructor(options: ISnippetCompletionsOptions);
  readonly identifier: string;
  readonly rank: number;
  readonly renderer: null;
  isApplicable(context: ICompletionContext): Promise<boolean>;
  fetch(
    request: CompletionHandler.IRequest,
    context: ICompletionContext
  ): Promise<CompletionHandler.ICompletionItemsReply>;
}
