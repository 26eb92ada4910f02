/**
 * Two people changed one snippet: both changes, what they come from, and how to settle it.
 */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Time } from '@jupyterlab/coreutils';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { DiffView } from '../../base/code/diffview';
import { SourceEditor } from '../../base/code/sourceeditor';
import type { IDraftContent } from './draft';
import { SnippetsContext, useSnippets, type ISnippetsContext } from '../context';
import { fromText, hasMarkers, merge, toText } from './merge';
import type { IConflict, Settlement } from './save';
import type { SnippetContent } from '../schemas';
import { fieldNames } from './labels';

/** How the person settles a conflict; null to go back and edit. */
export async function askConflict(
  context: ISnippetsContext,
  conflict: IConflict
): Promise<Settlement | null> {
  let text: string | undefined;
  for (;;) {
    const body: ConflictBody = new ConflictBody(context, conflict, text);
    const settlement = await ask(context, conflict, body);
    if (settlement?.choice !== 'merged' || !hasMarkers(body.text)) {
      return settlement;
    }
    text = body.text;
  }
}

async function ask(
  context: ISnippetsContext,
  conflict: IConflict,
  body: ConflictBody
): Promise<Settlement | null> {
  const { trans } = context;
  const { button } = await showDialog<Settlement>({
    title: trans.__('"%1" was changed by somebody else', conflict.theirs.name),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Go Back') }),
      Dialog.createButton({
        label: trans.__('Take theirs'),
        displayType: 'warn',
        actions: ['theirs']
      }),
      Dialog.createButton({
        label: trans.__('Keep mine'),
        displayType: 'warn',
        actions: ['mine']
      }),
      Dialog.createButton({
        label: trans.__('Save mine as a copy'),
        accept: false,
        actions: ['copy']
      }),
      Dialog.okButton({ label: trans.__('Save the result'), actions: ['merged'] })
    ],
    defaultButton: 0
  });
  const choice = button.actions[0];
  switch (choice) {
    case 'theirs':
    case 'mine':
    case 'copy':
      return { choice };
    case 'merged':
      return { choice, content: body.result };
    default:
      return null;
  }
}

class ConflictBody extends ReactWidget {
  /** @param text A result that still had markers in it when the person wanted to save it. */
  constructor(context: ISnippetsContext, conflict: IConflict, text?: string) {
    super();
    this._context = context;
    this._isRefused = text !== undefined;
    this._conflict = conflict;
    this.addClass('orrery-snippets-conflict');
    const { base, mine, theirs } = conflict;
    // Without what both come from, theirs is taken for it: then mine stands as it is.
    const origin = toText((base ?? theirs).cells);
    const merged = merge(origin, toText(mine.cells), toText(theirs.cells));
    this.text = text ?? merged.text;
    this._conflicts = merged.conflicts;
  }

  /** The merged text as it stands. */
  text: string;

  /** What to save: the merged text, and of every field the side that changed it; mine if both did. */
  get result(): Partial<IDraftContent> & { cells: IDraftContent['cells'][number][] } {
    const { base, mine, theirs } = this._conflict;
    const taken: Record<string, unknown> = {};
    for (const field of FIELDS) {
      const unchanged = base !== null && same(mine[field], base[field]);
      taken[field] = unchanged ? theirs[field] : mine[field];
    }
    return { ...(taken as Partial<IDraftContent>), cells: fromText(this.text) };
  }

  protected override render(): JSX.Element {
    const { trans } = this._context;
    const { base, mine, theirs } = this._conflict;
    const origin = base ? toText(base.cells) : null;
    const language = mine.language;
    const note = this._conflicts
      ? trans._n(
          'Both changed one place differently: choose between the markers.',
          'Both changed %1 places differently: choose between the markers.',
          this._conflicts
        )
      : trans.__('Both changes fit together.');
    return (
      <SnippetsContext.Provider value={this._context}>
        <div className="orrery-snippets-sides">
          <Side
            title={trans.__('Theirs')}
            caption={trans.__(
              'version %1 by %2, %3',
              theirs.version,
              theirs.updated_by,
              Time.formatHuman(theirs.updated)
            )}
            text={toText(theirs.cells)}
            origin={origin}
            language={language}
          />
          <Side
            title={trans.__('Before')}
            caption={origin === null ? trans.__('no longer known') : ''}
            text={origin ?? ''}
            origin={null}
            language={language}
          />
          <Side
            title={trans.__('Yours')}
            caption={trans.__('not saved')}
            text={toText(mine.cells)}
            origin={origin}
            language={language}
          />
        </div>
        <h3>{trans.__('Result')}</h3>
        <p
          className={this._isRefused ? 'orrery-problem' : 'orrery-quiet'}
          role={this._isRefused ? 'alert' : undefined}
        >
          {[note, ...this._fieldsOfBoth()].join(' ')}
        </p>
        <SourceEditor
          tools={this._context.code}
          label={trans.__('Result, to be edited')}
          source={this.text}
          language={language}
          onChange={text => (this.text = text)}
        />
      </SnippetsContext.Provider>
    );
  }

  /** What is said of fields that both changed. */
  private _fieldsOfBoth(): string[] {
    const { trans } = this._context;
    const { base, mine, theirs } = this._conflict;
    const names = { ...fieldNames(trans), cells: '' };
    const both = FIELDS.filter(
      field =>
        !same(mine[field], theirs[field]) &&
        (base === null || !same(mine[field], base[field]))
    ).filter(field => base === null || !same(theirs[field], base[field]));
    return both.length
      ? [
          trans.__(
            'Of %1 the result has yours.',
            both.map(field => names[field]).join(', ')
          )
        ]
      : [];
  }

  private readonly _context: ISnippetsContext;
  private readonly _conflict: IConflict;
  private readonly _conflicts: number;
  private readonly _isRefused: boolean;
}

const FIELDS = [
  'name',
  'description',
  'language',
  'other_languages',
  'tags',
  'prefixes',
  'syntax'
] as const;

type Field = SnippetContent[(typeof FIELDS)[number]];

function same(a: Field, b: Field): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

function Side(props: {
  title: string;
  caption: string;
  text: string;
  origin: string | null;
  language: string;
}): JSX.Element {
  const { code } = useSnippets();
  const { title, caption, text, origin, language } = props;
  return (
    <section aria-label={title}>
      <h3>
        {title} <span className="orrery-quiet">{caption}</span>
      </h3>
      <DiffView
        tools={code}
        layout="unified"
        original={origin === null ? null : { text: origin, label: title }}
        modified={{ text, label: title }}
        language={language}
      />
    </section>
  );
}
