/**
 * Bringing snippets in from files: the choice of where to, and the report of what came of it.
 */
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { useSignal } from '../../base/hooks';
import { notifyError } from '../../base/notify';
import { Field, Select } from '../../base/controls';
import { textsOf, type IChosenFiles } from './filedrop';
import { Draft } from '../editor/draft';
import { ScopeField } from '../editor/fields';
import { SnippetsContext, useSnippets, type ISnippetsContext } from '../context';
import type { ImportIn, ImportJob, ImportProblem, SnippetFile } from '../schemas';
import { ended } from './importjob';
import { ProblemList } from './problems';

type OnDuplicate = NonNullable<ImportIn['on_duplicate']>;

const UNDONE_MS = 5_000;

/** Import files, chosen by the person when none are given, and say what came of it. */
export async function importFiles(
  context: ISnippetsContext,
  given: IChosenFiles | null,
  folder: boolean
): Promise<void> {
  const { model, trans } = context;
  const chosen = given ?? (await chooseFiles(folder));
  if (!chosen) {
    return;
  }
  const { files, problems } = chosen;
  if (!files.length) {
    await showNothing(context, problems);
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
    const job = await ended(context, await model.importFiles(body.input));
    await showReport(context, job, problems);
  } catch (error) {
    notifyError(error, trans);
  }
}

/** Follow the imports that were begun before the page was loaded again. */
export async function followImports(
  context: ISnippetsContext,
  jobs: readonly ImportJob[]
): Promise<void> {
  for (const job of jobs) {
    const last = await ended(context, job);
    if (last.state === 'undone') {
      sayUndone(context, last);
    } else {
      await showReport(context, last, []);
    }
  }
}

async function showNothing(
  context: ISnippetsContext,
  problems: readonly ImportProblem[]
): Promise<void> {
  const { trans } = context;
  await showDialog({
    title: trans.__('Nothing to import'),
    body: (
      <div className="orrery-snippets-dialog">
        <p>{trans.__('There is no file of snippets and no script among them.')}</p>
        {problems.length > 0 && (
          <ProblemList title={trans.__('Not read')} problems={problems} />
        )}
      </div>
    ),
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}

/** The files that the person chooses; null when the choice was given up. */
function chooseFiles(folder: boolean): Promise<IChosenFiles | null> {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.webkitdirectory = folder;
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

/** Say what came of an import, and offer to take it back. */
async function showReport(
  context: ISnippetsContext,
  job: ImportJob,
  unread: readonly ImportProblem[]
): Promise<void> {
  const { trans } = context;
  const { report } = job;
  const hasChanges = Boolean(
    report && (report.created.length || report.replaced.length)
  );
  const titles: Partial<Record<ImportJob['state'], string>> = {
    cancelled: trans.__('Import cancelled'),
    failed: trans.__('Import stopped')
  };
  const { button } = await showDialog({
    title: titles[job.state] ?? trans.__('Import finished'),
    body: (
      <SnippetsContext.Provider value={context}>
        <Report job={job} unread={unread} />
      </SnippetsContext.Provider>
    ),
    buttons: [
      ...(hasChanges
        ? [Dialog.warnButton({ label: trans.__('Undo import'), actions: ['undo'] })]
        : []),
      Dialog.okButton({ label: trans.__('Close') })
    ],
    defaultButton: hasChanges ? 1 : 0
  });
  if (button.actions.includes('undo')) {
    await undoImport(context, job.id);
  }
}

async function undoImport(context: ISnippetsContext, id: string): Promise<void> {
  const { model, trans } = context;
  try {
    sayUndone(context, await ended(context, await model.calls.undoImport(id)));
    await model.refresh();
  } catch (error) {
    notifyError(error, trans);
  }
}

function sayUndone({ trans }: ISnippetsContext, { undo, error }: ImportJob): void {
  if (error) {
    Notification.error(trans.__('The import was not taken back: %1', error), {
      autoClose: false
    });
  } else if (undo.length) {
    const text = undo.map(({ name, reason }) => `${name}: ${reason}`).join('\n');
    const show = (): void =>
      void showDialog({
        title: trans.__('What stays of the import'),
        body: <ProblemList title={text} problems={undo} />,
        buttons: [Dialog.okButton({ label: trans.__('Close') })]
      });
    Notification.warning(
      trans._n(
        'The import was taken back, except for %1 snippet',
        'The import was taken back, except for %1 snippets',
        undo.length
      ),
      { autoClose: false, actions: [{ label: trans.__('Details'), callback: show }] }
    );
  } else {
    Notification.success(trans.__('The import was taken back'), {
      autoClose: UNDONE_MS
    });
  }
}

function Report(props: {
  job: ImportJob;
  unread: readonly ImportProblem[];
}): JSX.Element {
  const { trans } = useSnippets();
  const { error, report } = props.job;
  const created = report?.created.length ?? 0;
  const replaced = report?.replaced.length ?? 0;
  const skipped = report?.skipped ?? [];
  const failed = [...props.unread, ...(report?.failed ?? [])];
  return (
    <div className="orrery-snippets-dialog">
      {error && (
        <p className="orrery-problem" role="alert">
          {error}
        </p>
      )}
      <ul className="orrery-snippets-sums">
        <li>{trans._n('%1 snippet added', '%1 snippets added', created)}</li>
        {replaced > 0 && (
          <li>{trans._n('%1 snippet replaced', '%1 snippets replaced', replaced)}</li>
        )}
        <li>{trans._n('%1 left alone', '%1 left alone', skipped.length)}</li>
        <li>{trans._n('%1 not read', '%1 not read', failed.length)}</li>
      </ul>
      <Problems title={trans.__('Not read')} problems={failed} />
      <Problems title={trans.__('Left alone')} problems={skipped} />
      <Problems title={trans.__('Changed on the way')} problems={report?.notes ?? []} />
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
      <ProblemList {...props} />
    </section>
  );
}
