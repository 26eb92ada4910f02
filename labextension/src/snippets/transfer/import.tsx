/**
 * Bringing snippets in from files: the choice of where to, and the report of what came of it.
 */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { useSignal } from '../../base/hooks';
import { SecretFound } from '../../base/errors';
import { notifyError } from '../../base/notify';
import { Field, Select } from '../../base/controls';
import { textsOf } from './filedrop';
import { Draft } from '../editor/draft';
import { ScopeField } from '../editor/fields';
import { SnippetsContext, useSnippets, type ISnippetsContext } from '../context';
import { findingsOf } from '../editor/save';
import type { ImportIn, ImportProblem, ImportReport, SnippetFile } from '../schemas';
import { askSecrets } from '../editor/secrets';

type OnDuplicate = NonNullable<ImportIn['on_duplicate']>;

/** Import files, chosen by the person when none are given, and say what came of it. */
export async function importFiles(
  context: ISnippetsContext,
  given: readonly SnippetFile[] | null,
  folder: boolean
): Promise<void> {
  const { model, trans } = context;
  const files = given ?? (await chooseFiles(folder));
  if (!files) {
    return;
  }
  if (!files.length) {
    await showDialog({
      title: trans.__('Nothing to import'),
      body: trans.__('There is no .code-snippets or .json file among them.'),
      buttons: [Dialog.okButton({ label: trans.__('Close') })]
    });
    return;
  }
  const body = new ImportBody(context, files);
  const { button } = await showDialog({
    title: trans.__('Import snippets'),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Import') })
    ]
  });
  if (!button.accept) {
    return;
  }
  try {
    await showReport(context, await model.importFiles(body.input));
  } catch (error) {
    if (!(error instanceof SecretFound)) {
      notifyError(error, trans);
    } else if (await askSecrets(trans, findingsOf(error))) {
      await showReport(
        context,
        await model.importFiles({ ...body.input, allow_secrets: true })
      );
    }
  }
}

/** The files that the person chooses; null when the choice was given up. */
function chooseFiles(folder: boolean): Promise<SnippetFile[] | null> {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.webkitdirectory = folder;
  if (!folder) {
    input.accept = '.json,.code-snippets';
  }
  return new Promise((resolve, reject) => {
    input.addEventListener('cancel', () => resolve(null));
    input.addEventListener('change', () => {
      textsOf(input.files ?? []).then(resolve, reject);
    });
    input.click();
  });
}

class ImportBody extends ReactWidget {
  constructor(context: ISnippetsContext, files: readonly SnippetFile[]) {
    super();
    this._context = context;
    this._files = files;
    this.addClass('orrery-snippets-dialog');
  }

  get input(): ImportIn {
    const { scope, project } = this._where.content;
    return { files: this._files, scope, project, on_duplicate: this._onDuplicate };
  }

  protected override render(): JSX.Element {
    return (
      <SnippetsContext.Provider value={this._context}>
        <Options
          names={this._files.map(file => file.name)}
          where={this._where}
          onDuplicate={this._onDuplicate}
          onChange={value => {
            this._onDuplicate = value;
            this.update();
          }}
        />
      </SnippetsContext.Provider>
    );
  }

  private readonly _context: ISnippetsContext;
  private readonly _files: readonly SnippetFile[];
  private readonly _where = Draft.new();
  private _onDuplicate: OnDuplicate = 'skip';
}

function Options(props: {
  names: readonly string[];
  where: Draft;
  onDuplicate: OnDuplicate;
  onChange: (value: OnDuplicate) => void;
}): JSX.Element {
  const { trans } = useSnippets();
  useSignal(props.where.changed);
  const { names } = props;
  const choices: [OnDuplicate, string][] = [
    ['skip', trans.__('Leave mine as it is')],
    ['copy', trans.__('Keep both')],
    ['replace', trans.__('Replace mine')]
  ];
  return (
    <>
      <p>
        {names.length === 1 ? names[0] : trans._n('%1 file', '%1 files', names.length)}
      </p>
      <ScopeField draft={props.where} />
      <Field label={trans.__('When a snippet of that name exists')}>
        {id => (
          <Select
            id={id}
            value={props.onDuplicate}
            options={choices}
            onChange={props.onChange}
          />
        )}
      </Field>
    </>
  );
}

async function showReport(
  context: ISnippetsContext,
  report: ImportReport
): Promise<void> {
  const { trans } = context;
  await showDialog({
    title: trans.__('Import finished'),
    body: (
      <SnippetsContext.Provider value={context}>
        <Report report={report} />
      </SnippetsContext.Provider>
    ),
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}

function Report({ report }: { report: ImportReport }): JSX.Element {
  const { trans } = useSnippets();
  const { created, replaced, skipped, failed } = report;
  return (
    <div className="orrery-snippets-dialog">
      <ul className="orrery-snippets-sums">
        <li>{trans._n('%1 snippet added', '%1 snippets added', created.length)}</li>
        {replaced.length > 0 && (
          <li>
            {trans._n('%1 snippet replaced', '%1 snippets replaced', replaced.length)}
          </li>
        )}
        <li>{trans._n('%1 left alone', '%1 left alone', skipped.length)}</li>
        <li>{trans._n('%1 not read', '%1 not read', failed.length)}</li>
      </ul>
      <Problems title={trans.__('Not read')} problems={failed} />
      <Problems title={trans.__('Left alone')} problems={skipped} />
    </div>
  );
}

function Problems(props: {
  title: string;
  problems: readonly ImportProblem[];
}): JSX.Element | null {
  if (!props.problems.length) {
    return null;
  }
  return (
    <section>
      <h3>{props.title}</h3>
      <ul className="orrery-snippets-problems" tabIndex={0} aria-label={props.title}>
        {props.problems.map(({ file, name, reason }, index) => (
          <li key={index}>
            <strong>{name || file}</strong>
            {name && <span className="orrery-quiet"> {file}</span>}
            <br />
            {reason}
          </li>
        ))}
      </ul>
    </section>
  );
}
