import type { EditorView } from '@codemirror/view';

import type { IExpansion } from './body';

/** What a tab-stop session tells and asks. */
export interface ISessionOptions {
  /** Starts and ends an undo step: `stopCapturing` of the shared model's undo manager. */
  separateUndo?: () => void;
  /** Called once, when Tab leaves the last stop (`done`) or the person goes elsewhere. */
  onEnd?: (how: 'done' | 'left') => void;
}

/**
 * Replace a range by an expanded body and start at its first stop, as one undo step.
 */
export declare function insertExpansion(
  view: EditorView,
  from: number,
  to: number,
  expansion: IExpansion,
  options?: ISessionOptions
): void;

/** Whether the person is filling in stops in this editor. */
export declare function inSession(view: EditorView): boolean;

/** Forget the stops; the text stays. */
export declare function endSession(view: EditorView): void;
