/**
 * The fields of the form of a snippet.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import React, { useEffect, useId, useRef, useState } from 'react';

import { useSignal } from '../../base/hooks';
import type { IProjects } from '../../projects/tokens';
import { Cells } from './cells';
import { Field, Select, TextField, type TextElement } from '../../base/controls';
import { ChipsField } from './chips';
import type { Draft } from './draft';
import { useSnippets } from '../context';
import type { Scope, Syntax } from '../schemas';
import { TagsField } from './tags';

/** Languages that are offered before any snippet has them. */
const LANGUAGES = [
  'python',
  'sql',
  'markdown',
  'r',
  'julia',
  'bash',
  'yaml',
  'json',
  'text'
];

type IProject = Awaited<ReturnType<IProjects['list']>>[number];

export interface IFieldsProps {
  draft: Draft;
  /** Emits what keeps the draft from being saved. */
  invalid: ISignal<unknown, string>;
}

/** What keeps the draft from being saved, until something is changed. */
function useProblem(
  { draft, invalid }: IFieldsProps,
  name: React.RefObject<TextElement>
): string {
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const show = (_: unknown, text: string): void => {
      setProblem(text);
      if (!draft.content.name.trim()) {
        name.current?.focus();
      }
    };
    const clear = (): void => setProblem('');
    invalid.connect(show);
    draft.changed.connect(clear);
    return () => {
      invalid.disconnect(show);
      draft.changed.disconnect(clear);
    };
  }, [draft, invalid]);
  return problem;
}

/** Name, description and so on, then the cells. */
export function Fields(props: IFieldsProps): JSX.Element {
  const { draft } = props;
  const { trans } = useSnippets();
  const name = useRef<TextElement>(null);
  const problem = useProblem(props, name);
  useSignal(draft.changed);
  return (
    <div className="orrery-snippets-form">
      {problem && (
        <p className="orrery-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="orrery-snippets-fields">
        <NameField draft={draft} input={name} />
        <DescriptionField draft={draft} />
        <LanguageField draft={draft} />
        <OtherLanguagesField draft={draft} />
        <PrefixField draft={draft} />
        <Field label={trans.__('Tags')}>
          {id => <TagsField id={id} draft={draft} />}
        </Field>
        <ScopeField draft={draft} />
        <SyntaxField draft={draft} />
      </div>
      <Cells draft={draft} />
    </div>
  );
}

function NameField(props: {
  draft: Draft;
  input: React.RefObject<TextElement>;
}): JSX.Element {
  const { trans } = useSnippets();
  const { draft, input } = props;
  return (
    <TextField
      label={trans.__('Name')}
      wide
      inputRef={input}
      required
      maxLength={120}
      value={draft.content.name}
      onChange={event => draft.update({ name: event.currentTarget.value })}
    />
  );
}

function DescriptionField({ draft }: { draft: Draft }): JSX.Element {
  const { trans } = useSnippets();
  return (
    <TextField
      label={trans.__('Description')}
      wide
      rows={2}
      maxLength={4000}
      value={draft.content.description}
      onChange={event => draft.update({ description: event.currentTarget.value })}
    />
  );
}

function PrefixField({ draft }: { draft: Draft }): JSX.Element {
  const { trans } = useSnippets();
  return (
    <Field
      label={trans.__('Prefixes')}
      hint={trans.__('Typing one in an editor offers the snippet. Enter adds it.')}
    >
      {id => (
        <ChipsField
          id={id}
          values={draft.content.prefixes}
          maxLength={255}
          placeholder={trans.__('Add a prefix')}
          removeLabel={prefix => trans.__('Remove prefix %1', prefix)}
          onChange={prefixes => draft.update({ prefixes: [...prefixes] })}
        />
      )}
    </Field>
  );
}

/** Further languages in whose editors the snippet is offered. */
function OtherLanguagesField({ draft }: { draft: Draft }): JSX.Element {
  const { model, trans } = useSnippets();
  return (
    <Field label={trans.__('Also offered in')}>
      {id => (
        <ChipsField
          id={id}
          values={draft.content.other_languages}
          maxLength={32}
          separator=","
          placeholder={trans.__('Add a language')}
          suggestions={[
            ...new Set([
              ...model.facets.languages.map(({ value }) => value),
              ...LANGUAGES
            ])
          ]}
          removeLabel={language => trans.__('Remove language %1', language)}
          onChange={languages =>
            draft.update({
              other_languages: languages.map(language => language.toLowerCase())
            })
          }
        />
      )}
    </Field>
  );
}

function LanguageField({ draft }: { draft: Draft }): JSX.Element {
  const { model, trans } = useSnippets();
  const list = useId();
  const languages = new Set([
    ...model.facets.languages.map(({ value }) => value),
    ...LANGUAGES
  ]);
  return (
    <Field label={trans.__('Language')}>
      {id => (
        <>
          <input
            id={id}
            className="jp-mod-styled"
            list={list}
            spellCheck={false}
            maxLength={32}
            value={draft.content.language}
            onChange={event =>
              draft.update({ language: event.currentTarget.value.trim().toLowerCase() })
            }
          />
          <datalist id={list}>
            {[...languages].map(language => (
              <option key={language} value={language} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

/** Who else sees it. */
export function ScopeField({ draft }: { draft: Draft }): JSX.Element {
  const { model, projects, trans } = useSnippets();
  const [listed, setListed] = useState<readonly IProject[]>([]);
  useEffect(() => {
    let isCurrent = true;
    // Without the list, the scopes that need none can still be chosen.
    projects?.list().then(
      list => isCurrent && setListed(list),
      () => undefined
    );
    return () => {
      isCurrent = false;
    };
  }, [projects]);
  const { scope, project } = draft.content;
  const mayPublish = model.latest?.may_publish ?? true;
  const options: [string, string, boolean?][] = [
    ['mine', trans.__('Nobody: mine only')],
    ...projectOptions(listed, project, trans),
    [
      'everyone',
      mayPublish ? trans.__('Everyone') : trans.__('Everyone (on the hub)'),
      !mayPublish
    ]
  ];
  const hint = mayPublish
    ? undefined
    : trans.__(
        'To share with everyone, save the snippet and choose "Share with Everyone…" in its menu.'
      );
  return (
    <Field label={trans.__('Share with')} hint={hint}>
      {id => (
        <Select
          id={id}
          value={scope === 'project' ? `project ${project}` : scope}
          options={options}
          onChange={value => {
            const [next, slug] = value.split(' ') as [Scope, string | undefined];
            draft.update({ scope: next, project: slug ?? null });
          }}
        />
      )}
    </Field>
  );
}

/** The projects to share with; those that a person can only read are not to be chosen. */
function projectOptions(
  listed: readonly IProject[],
  current: string | null | undefined,
  trans: TranslationBundle
): [string, string, boolean?][] {
  const options = listed.map(({ name, role, slug }): [string, string, boolean] => {
    const label = trans.__('Project %1', name);
    const isReader = role === 'viewer';
    const text = isReader ? trans.__('%1 (you can only read)', label) : label;
    return [`project ${slug}`, text, isReader];
  });
  const isListed = listed.some(({ slug }) => slug === current);
  return current && !isListed
    ? [...options, [`project ${current}`, trans.__('Project %1', current)]]
    : options;
}

function SyntaxField({ draft }: { draft: Draft }): JSX.Element {
  const { trans } = useSnippets();
  const options: [Syntax, string][] = [
    ['plain', trans.__('Plain: as it is')],
    ['vscode', trans.__('With placeholders, as in VS Code')]
  ];
  return (
    <Field label={trans.__('Body')} wide>
      {id => (
        <>
          <Select
            id={id}
            value={draft.content.syntax}
            options={options}
            onChange={syntax => draft.update({ syntax })}
          />
          {draft.content.syntax === 'vscode' && <SyntaxHelp />}
        </>
      )}
    </Field>
  );
}

function SyntaxHelp(): JSX.Element {
  const { trans } = useSnippets();
  const rows: [string, string][] = [
    [
      '$1  ${1:name}',
      trans.__('Tab goes from one to the next; the text is what stands there at first')
    ],
    ['${1|one,two|}', trans.__('A choice')],
    ['$0', trans.__('Where the cursor ends')],
    ['$SELECTION', trans.__('The selected text')],
    ['$DATAFRAME', trans.__('A dataframe of the kernel')],
    [
      '$DATASET',
      trans.__("A table of the project's lake, without the end of its name")
    ],
    ['$PROJECT  $LAKE  $USER', trans.__('The project, its data lake, you')],
    ['\\$', trans.__('A dollar sign')]
  ];
  return (
    <details className="orrery-snippets-help">
      <summary>{trans.__('What can be written')}</summary>
      <dl>
        {rows.map(([code, meaning]) => (
          <React.Fragment key={code}>
            <dt>
              <code>{code}</code>
            </dt>
            <dd>{meaning}</dd>
          </React.Fragment>
        ))}
      </dl>
    </details>
  );
}
