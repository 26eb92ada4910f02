/**
 * Turns the completer's own edit into the insertion of a snippet, so that both are one edit and one undo step.
 */
import {
  Annotation,
  EditorState,
  Prec,
  StateEffect,
  StateField,
  type Transaction
} from '@codemirror/state';
import { EditorView, ViewPlugin } from '@codemirror/view';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';

import type { IExpansion } from '../body/expand';
import { indented } from '../body/compose';
import { separateUndo } from '../../base/insert/codeinserter';
import { tabOf } from '../insert/rendering';
import type { ISpan } from '../insert/place';
import type { Snippet } from '../schemas';
import { insertion, install } from '../insert/session';

/** A snippet in the completer's list. */
export interface IOffer {
  snippet: Snippet;
  /** Which of its prefixes is completed. */
  prefix: string;
  /** What stands before the completed word and belongs to the prefix. */
  lead: string;
  /** The first character of the item's text: its place in the list. */
  head: string;
  /** The prefix without that. */
  rest: string;
  /** The last character of the item's text. */
  mark: string;
}

/** What the completer offers in an editor at the moment. */
export interface IAccepting {
  /** By their marks. */
  offers: ReadonlyMap<string, IOffer>;
  expand: (
    snippet: Snippet,
    state: EditorState,
    span: ISpan,
    tab: string
  ) => { expansion: IExpansion; indent: string };
  label: (position: number, count: number) => string;
  onInserted?: (snippet: Snippet) => void;
}

/** From now on, let an editor take these offers. */
export function accepting(editor: CodeMirrorEditor, offered: IAccepting): void {
  const view = editor.editor;
  install(view);
  if (view.state.field(offersField, false) === undefined) {
    view.dispatch({ effects: StateEffect.appendConfig.of(extensionFor(editor)) });
  }
  view.dispatch({ effects: setOffers.of(offered) });
}

const setOffers = StateEffect.define<IAccepting>();
const accepted = Annotation.define<IOffer>();

const offersField = StateField.define<IAccepting | null>({
  create: () => null,
  update: (offered, transaction) => {
    const effect = transaction.effects.find(candidate => candidate.is(setOffers));
    return effect ? effect.value : offered;
  }
});

function extensionFor(editor: CodeMirrorEditor) {
  const separate = () => separateUndo(editor.model.sharedModel);
  return [
    offersField,
    EditorState.transactionFilter.of(transaction => {
      const offered = transaction.startState.field(offersField);
      const taken = offered && takenIn(transaction, offered);
      if (!taken) {
        return transaction;
      }
      const { offer, span } = taken;
      const tab = tabOf(editor.getOption('indentUnit'));
      const { expansion, indent } = offered.expand(
        offer.snippet,
        transaction.startState,
        span,
        tab
      );
      const options = { label: offered.label };
      return {
        ...insertion(span.from, span.to, indented(expansion, indent), options),
        annotations: accepted.of(offer)
      };
    }),
    // Before the shared model hears of the edit, and after it.
    Prec.highest(
      ViewPlugin.define(() => ({
        update: update => {
          if (
            update.transactions.some(transaction => transaction.annotation(accepted))
          ) {
            separate();
          }
        }
      }))
    ),
    EditorView.updateListener.of(update => {
      const offer = update.transactions
        .map(transaction => transaction.annotation(accepted))
        .find(Boolean);
      if (offer) {
        separate();
        const { onInserted } = update.startState.field(offersField) ?? {};
        onInserted?.(offer.snippet);
      }
    })
  ];
}

/** The offer that the completer writes, and what it replaces; null when it writes something else. */
function takenIn(
  transaction: Transaction,
  { offers }: IAccepting
): { offer: IOffer; span: ISpan } | null {
  const written: { from: number; to: number; text: string }[] = [];
  transaction.changes.iterChanges((from, to, _from, _to, insert) => {
    written.push({ from, to, text: insert.length < 200 ? insert.toString() : '' });
  });
  const [{ from, to, text }, ...more] =
    written.length > 0 ? written : [{ from: 0, to: 0, text: '' }];
  const offer = offers.get(text.slice(-1));
  if (
    !offer ||
    more.length > 0 ||
    !(offer.head + offer.rest + offer.mark).endsWith(text)
  ) {
    return null;
  }
  // Another provider may begin later: what is typed of the prefix before that is replaced too.
  const prefix = offer.lead + offer.rest;
  for (let length = Math.min(prefix.length, from); length > 0; length--) {
    if (
      transaction.startState.sliceDoc(from - length, from) === prefix.slice(0, length)
    ) {
      return { offer, span: { from: from - length, to } };
    }
  }
  return { offer, span: { from, to } };
}
