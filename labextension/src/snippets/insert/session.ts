/**
 * Filling in the stops of an inserted snippet: Tab, Shift-Tab, mirrors, choices.
 *
 * The extension is added to an editor when it first takes a snippet.
 */
import {
  EditorSelection,
  EditorState,
  Prec,
  StateEffect,
  StateField,
  type ChangeDesc,
  type Extension,
  type Text,
  type Transaction,
  type TransactionSpec
} from '@codemirror/state';
import {
  Decoration,
  EditorView,
  keymap,
  showTooltip,
  tooltips
} from '@codemirror/view';
import { COMPLETER_ACTIVE_CLASS } from '@jupyterlab/codeeditor';

import type { IExpansion } from '../body/expand';
import { listTooltip, narrowed, optionId, type IList } from './session/choices';
import {
  begin,
  editedAnywhere,
  editedByNested,
  isNestedIn,
  mainPlace,
  placeAt,
  type IState
} from './session/fields';
import { decorationsOf } from './session/decorations';
import { isOwnEdit, mirror } from './session/mirrors';
import { theme } from './session/theme';

/** What a tab-stop session tells and asks. */
export interface ISessionOptions {
  /** Starts and ends an undo step: `stopCapturing` of the shared model's undo manager. */
  separateUndo?: () => void;
  /** Called once: Tab reached the last stop (`done`), or the person went elsewhere (`left`). */
  onEnd?: (how: SessionEnd) => void;
  /** What a screen reader says of a stop, and the name of a list of choices. */
  label?: (position: number, count: number) => string;
}

/** How a session ended. */
export type SessionEnd = 'done' | 'left';

/**
 * Replace a range by an expanded body and start at its first stop, as one undo step.
 *
 * A body without stops leaves the cursor where it ends. A session around it goes on: at once without stops, else when
 * the stops of the body are filled in.
 */
export function insertExpansion(
  view: EditorView,
  from: number,
  to: number,
  expansion: IExpansion,
  options: ISessionOptions = {}
): void {
  install(view);
  options.separateUndo?.();
  view.dispatch(insertion(from, to, expansion, options));
  options.separateUndo?.();
  if (!begin(expansion, from)) {
    options.onEnd?.('done');
  }
}

/** Start at the first stop of an expanded body that stands in the document already. */
export function startSession(
  view: EditorView,
  at: number,
  expansion: IExpansion,
  options: ISessionOptions = {}
): void {
  install(view);
  const { selection, effects, scrollIntoView } = insertion(at, at, expansion, options);
  view.dispatch({ selection, effects, scrollIntoView });
}

/** The transaction that inserts an expanded body; the editor must have the extension. */
export function insertion(
  from: number,
  to: number,
  expansion: IExpansion,
  options: ISessionOptions = {}
): TransactionSpec {
  const begun = begin(expansion, from);
  const last = expansion.stops[0].ranges[0];
  const session = begun && { state: begun, options, list: null, outer: null };
  return {
    changes: { from, to, insert: expansion.text },
    selection: begun
      ? rangeOf(begun)
      : EditorSelection.range(last.from + from, last.to + from),
    effects: session ? [beginSession.of(opened(session)), announce(session)] : [],
    scrollIntoView: true,
    userEvent: 'input.snippet'
  };
}

/** Give an editor the extension, once. */
export function install(view: EditorView): void {
  if (view.state.field(sessionField, false) === undefined) {
    // A cell hides what hangs over its edge; the body does not.
    const lists = tooltips({ parent: document.body });
    view.dispatch({ effects: StateEffect.appendConfig.of([extension, lists]) });
  }
}

/** Whether the person is filling in stops in this editor. */
export function inSession(view: EditorView): boolean {
  return Boolean(view.state.field(sessionField, false));
}

/** Forget the stops, those around a nested snippet too; the text stays. */
export function endSession(view: EditorView): void {
  if (inSession(view)) {
    view.dispatch({ effects: endAll.of(null) });
  }
}

interface ISession {
  readonly state: IState;
  readonly options: ISessionOptions;
  readonly list: IList | null;
  /** The session in whose stop this one was begun; it goes on when this one has ended. */
  readonly outer: ISession | null;
}

const beginSession = StateEffect.define<ISession>();
const setSession = StateEffect.define<ISession>();
const setState = StateEffect.define<IState>();
/** The innermost session is over. */
const endInner = StateEffect.define<SessionEnd>();
const endAll = StateEffect.define<null>();

const sessionField = StateField.define<ISession | null>({
  create: () => null,
  update: (session, transaction) => {
    let next =
      session && transaction.docChanged ? mapped(session, transaction) : session;
    for (const effect of transaction.effects) {
      if (effect.is(setSession)) {
        next = effect.value;
      } else if (effect.is(beginSession)) {
        const around = next && isNestedIn(effect.value.state, next.state) ? next : null;
        next = { ...effect.value, outer: around };
      } else if (effect.is(endInner)) {
        next = next?.outer ?? null;
      } else if (effect.is(endAll)) {
        next = null;
      }
    }
    return next && transaction.selection ? followed(next, transaction) : next;
  },
  provide: field => [
    EditorView.decorations.from(field, session =>
      session ? decorationsOf(session.state) : Decoration.none
    ),
    showTooltip.from(field, session =>
      session?.list ? listTooltip(session.list, labelOf(session), choose) : null
    ),
    EditorView.contentAttributes.from(field, session => attributesOf(session?.list))
  ]
});

function attributesOf(list: IList | null | undefined): Record<string, string> {
  return list
    ? {
        'aria-controls': list.id,
        'aria-activedescendant': optionId(list, list.selected)
      }
    : {};
}

/** The session after an edit; the one around it when its own text is gone. */
function mapped(session: ISession, transaction: Transaction): ISession | null {
  const { changes, effects, newDoc } = transaction;
  const outer = session.outer && mappedAround(session.outer, changes);
  const change = effects.find(effect => effect.is(setState));
  const isNesting = effects.some(effect => effect.is(beginSession));
  const edited = isNesting ? editedByNested : editedAnywhere;
  const state = change ? change.value : edited(session.state, changes);
  const list = session.list && state && narrowedList(session.list, state, newDoc);
  return state ? { ...session, state, list, outer } : outer;
}

/** A session around the one in which something was edited. */
function mappedAround(session: ISession, changes: ChangeDesc): ISession | null {
  const outer = session.outer && mappedAround(session.outer, changes);
  const state = editedByNested(session.state, changes);
  return state ? { ...session, state, list: null, outer } : outer;
}

/** The session after the cursor moved: in the stop where it is, in one of a session around it, or over. */
function followed(session: ISession, transaction: Transaction): ISession | null {
  const { anchor, head } = transaction.newSelection.main;
  const place = placeAt(session.state, head);
  if (!place || !placeAt(session.state, anchor)) {
    return session.outer && followed(session.outer, transaction);
  }
  return place.n === session.state.active
    ? session
    : { ...session, state: { ...session.state, active: place.n }, list: null };
}

/** An edit inside the active stop is written into its mirrors by the same transaction. */
const mirroring = EditorState.transactionFilter.of(transaction => {
  const session = transaction.startState.field(sessionField, false);
  const replaced = transaction.effects.some(
    effect => effect.is(setSession) || effect.is(beginSession)
  );
  if (!session || replaced || !isOwnEdit(transaction)) {
    return transaction;
  }
  const mirrored = mirror(session.state, transaction);
  if (!mirrored) {
    return transaction;
  }
  const { changes, state } = mirrored;
  return [transaction, { changes, sequential: true, effects: setState.of(state) }];
});

const listening = EditorView.updateListener.of(update => {
  const before = chainOf(update.startState.field(sessionField, false));
  const after = chainOf(update.state.field(sessionField, false));
  const how = update.transactions
    .flatMap(({ effects }) => effects)
    .find(effect => effect.is(endInner))?.value;
  before
    .filter(({ options }) => !after.some(session => session.options === options))
    .forEach(({ options }, index) =>
      options.onEnd?.(index === 0 ? (how ?? 'left') : 'left')
    );
});

/** A session and those around it. */
function chainOf(session: ISession | null | undefined): readonly ISession[] {
  return session ? [session, ...chainOf(session.outer)] : [];
}

// From there a snippet is put into a stop, and the person comes back.
const PASSING = '.orrery-panel, .jp-Dialog, .lm-Menu, .jp-ModalCommandPalette';

const leaving = EditorView.domEventHandlers({
  blur: (_event, view) => {
    // The window losing the focus is no going elsewhere, nor is an editor that is drawn anew.
    setTimeout(() => leave(view));
  }
});

/** End the session if the focus is elsewhere for good; from where it only passes through, its next place tells. */
function leave(view: EditorView): void {
  if (view.hasFocus || !document.hasFocus() || !inSession(view)) {
    return;
  }
  if (document.activeElement?.closest(PASSING)) {
    const again = { once: true, capture: true };
    document.addEventListener('focusin', () => setTimeout(() => leave(view)), again);
  } else {
    endSession(view);
  }
}

const keys = Prec.highest(
  keymap.of([
    {
      key: 'Tab',
      run: view => unlessCompleting(view, session => step(view, session, 1))
    },
    {
      key: 'Shift-Tab',
      run: view => unlessCompleting(view, session => step(view, session, -1))
    },
    {
      key: 'Escape',
      run: view => unlessCompleting(view, session => escape(view, session))
    },
    {
      key: 'ArrowDown',
      run: view => unlessCompleting(view, session => walk(view, session, 1))
    },
    {
      key: 'ArrowUp',
      run: view => unlessCompleting(view, session => walk(view, session, -1))
    },
    {
      key: 'Alt-ArrowDown',
      run: view => unlessCompleting(view, session => open(view, session))
    },
    {
      key: 'Enter',
      run: view => unlessCompleting(view, session => take(view, session))
    }
  ])
);

const extension: Extension = [sessionField, mirroring, listening, leaving, keys, theme];

function unlessCompleting(
  view: EditorView,
  act: (session: ISession) => boolean
): boolean {
  const session = view.state.field(sessionField, false);
  const completing = view.dom.closest(
    `.${COMPLETER_ACTIVE_CLASS}, .jp-mod-inline-completer-active`
  );
  return session && !completing ? act(session) : false;
}

/** Go to the next stop or to the one before; the session is over at the last. */
function step(view: EditorView, session: ISession, by: 1 | -1): boolean {
  const { order, active } = session.state;
  const next = order[order.indexOf(active) + by];
  if (next === undefined) {
    if (by > 0) {
      view.dispatch({ effects: endInner.of('done') });
    }
    return true;
  }
  const moved = opened({
    ...session,
    state: { ...session.state, active: next },
    list: null
  });
  view.dispatch({
    selection: rangeOf(moved.state),
    effects: [
      next === 0 ? endInner.of('done') : setSession.of(moved),
      announce(next === 0 && session.outer ? session.outer : moved)
    ],
    scrollIntoView: true,
    userEvent: 'select.snippet'
  });
  return true;
}

function escape(view: EditorView, session: ISession): boolean {
  if (session.list) {
    view.dispatch({ effects: setSession.of({ ...session, list: null }) });
  } else {
    view.dispatch({ effects: endInner.of('left') });
  }
  return true;
}

function walk(view: EditorView, session: ISession, by: 1 | -1): boolean {
  const { list } = session;
  if (!list) {
    return false;
  }
  const count = list.options.length;
  const selected = (list.selected + by + count) % count;
  view.dispatch({
    effects: setSession.of({ ...session, list: { ...list, selected } })
  });
  return true;
}

function open(view: EditorView, session: ISession): boolean {
  const next = opened(session);
  view.dispatch({ effects: setSession.of(next) });
  return next.list !== null;
}

function take(view: EditorView, session: ISession): boolean {
  const { list } = session;
  if (list) {
    choose(view, list.options[list.selected]);
  }
  return list !== null;
}

/** Put a choice into its stop and close the list. */
function choose(view: EditorView, option: string): void {
  const session = view.state.field(sessionField, false);
  if (!session) {
    return;
  }
  const { from, to } = mainPlace(session.state, session.state.active);
  view.dispatch({
    changes: { from, to, insert: option },
    selection: { anchor: from + option.length },
    userEvent: 'input.snippet'
  });
  const after = view.state.field(sessionField, false);
  if (after) {
    view.dispatch({ effects: setSession.of({ ...after, list: null }) });
  }
}

function rangeOf(state: IState): EditorSelection {
  const { from, to } = mainPlace(state, state.active);
  return EditorSelection.single(from, to);
}

let lists = 0;

/** The session with the list of its active stop, if that has choices. */
function opened(session: ISession): ISession {
  const options = session.state.choices.get(session.state.active) ?? [];
  if (options.length < 2) {
    return session;
  }
  const at = mainPlace(session.state, session.state.active).from;
  lists += 1;
  return {
    ...session,
    list: { at, options, selected: 0, id: `orrery-choices-${lists}` }
  };
}

/** What is left of a list after the text of its stop changed; null when nothing fits. */
function narrowedList(list: IList, state: IState, doc: Text): IList | null {
  const { from, to } = mainPlace(state, state.active);
  const options = narrowed(
    state.choices.get(state.active) ?? [],
    doc.sliceString(from, to)
  );
  return options.length > 0 ? { ...list, at: from, options, selected: 0 } : null;
}

function labelOf({ state, options }: ISession): string {
  const position = state.order.indexOf(state.active) + 1;
  const count = state.order.length - 1;
  return options.label?.(position, count) ?? `Field ${position} of ${count}`;
}

function announce(session: ISession): StateEffect<string> {
  return EditorView.announce.of(session.state.active === 0 ? '' : labelOf(session));
}
