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
// Who has waited for longer than that does something else by now: a dialog would take the keys.
const LONG_MS = 2_000;

/** What the browser did not send. */
type Unread = Pick<IChosenFiles, 'problems' | 'leftOut'>;

const NONE_UNREAD: Unread = { problems: [], leftOut: [] };

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
  const { files } = chosen;
  if (!files.length) {
    await showNothing(context, chosen);
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
  const begun = Date.now();
  try {
    const job = await ended(context, await model.importFiles(body.input));
    if (Date.now() - begun > LONG_MS) {
      sayEnded(context, job, chosen);
    } else {
      await showReport(context, job, chosen);
    }
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
      sayEnded(context, last, NONE_UNREAD);
    }
  }
}

async function showNothing(
  { trans }: ISnippetsContext,
  { problems, leftOut }: Unread
): Promise<void> {
  await showDialog({
    title: trans.__('Nothing to import'),
    body: (
      <div className="orrery-snippets-dialog">
        <p>{trans.__('There is no file of snippets and no script among them.')}</p>
        {problems.length > 0 && (
          <ProblemList title={trans.__('Not read')} problems={problems} />
        )}
        {leftOut.length > 0 && (
          <ProblemList title={trans.__('Left out')} problems={leftOut} />
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

/** Say what came of an import without taking the keys of somebody who types; it can be looked at and taken back. */
function sayEnded(context: ISnippetsContext, job: ImportJob, unread: Unread): void {
  const { trans } = context;
  const type = { cancelled: 'warning', failed: 'error' } as const;
  const id = Notification.emit(
    `${titleOf(context, job)}: ${sumsOf(context, job, unread).join(', ')}`,
    type[job.state as keyof typeof type] ?? 'success',
    {
      autoClose: false,
      actions: [
        {
          label: trans.__('Details'),
          callback: event => {
            // The report is only looked at: what offers to undo the import stays.
            event.preventDefault();
            void showReport(context, job, unread).then(
              isUndone => isUndone && Notification.dismiss(id)
            );
          }
        },
        ...(hasChanges(job)
          ? [
              {
                label: trans.__('Undo'),
                callback: () => void undoImport(context, job.id)
              }
            ]
          : [])
      ]
    }
  );
}

/** Show what came of an import, and offer to take it back; whether that was done. */
async function showReport(
  context: ISnippetsContext,
  job: ImportJob,
  unread: Unread
): Promise<boolean> {
  const { trans } = context;
  const { button } = await showDialog({
    title: titleOf(context, job),
    body: (
      <SnippetsContext.Provider value={context}>
        <Report job={job} unread={unread} />
      </SnippetsContext.Provider>
    ),
    buttons: [
      ...(hasChanges(job)
        ? [Dialog.warnButton({ label: trans.__('Undo import'), actions: ['undo'] })]
        : []),
      Dialog.okButton({ label: trans.__('Close') })
    ],
    defaultButton: hasChanges(job) ? 1 : 0
  });
  const isUndone = button.actions.includes('undo');
  if (isUndone) {
    await undoImport(context, job.id);
  }
  return isUndone;
}

function hasChanges({ report }: ImportJob): boolean {
  return Boolean(report && (report.created.length || report.replaced.length));
}

function titleOf({ trans }: ISnippetsContext, { state }: ImportJob): string {
  const titles: Partial<Record<ImportJob['state'], string>> = {
    cancelled: trans.__('Import cancelled'),
    failed: trans.__('Import stopped')
  };
  return titles[state] ?? trans.__('Import finished');
}

/** How many snippets and files came to what. */
function sumsOf(
  { trans }: ISnippetsContext,
  { state, done, total, report }: ImportJob,
  { problems, leftOut }: Unread
): string[] {
  const created = report?.created.length ?? 0;
  const replaced = report?.replaced.length ?? 0;
  const skipped = report?.skipped.length ?? 0;
  const failed = problems.length + (report?.failed.length ?? 0);
  const rest = state === 'done' ? 0 : total - done;
  const others = leftOut.length;
  return [
    trans._n('%2 snippet added', '%2 snippets added', created, grouped(created)),
    replaced > 0 &&
      trans._n(
        '%2 snippet replaced',
        '%2 snippets replaced',
        replaced,
        grouped(replaced)
      ),
    trans.__('%1 left alone', grouped(skipped)),
    trans.__('%1 not read', grouped(failed)),
    rest > 0 &&
      trans._n(
        '%2 snippet not reached',
        '%2 snippets not reached',
        rest,
        grouped(rest)
      ),
    others > 0 &&
      trans._n(
        '%2 other file left out',
        '%2 other files left out',
        others,
        grouped(others)
      )
  ].filter(sum => sum !== false);
}

/** A number with the separators of the person's language. */
function grouped(count: number): string {
  return count.toLocaleString();
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
        'The import was taken back, except for %2 snippet',
        'The import was taken back, except for %2 snippets',
        undo.length,
        grouped(undo.length)
      ),
      { autoClose: false, actions: [{ label: trans.__('Details'), callback: show }] }
    );
  } else {
    Notification.success(trans.__('The import was taken back'), {
      autoClose: UNDONE_MS
    });
  }
}

function Report({ job, unread }: { job: ImportJob; unread: Unread }): JSX.Element {
  const context = useSnippets();
  const { trans } = context;
  const { error, report } = job;
  const failed = [...unread.problems, ...(report?.failed ?? [])];
  return (
    <div className="orrery-snippets-dialog">
      {error && (
        <p className="orrery-problem" role="alert">
          {error}
        </p>
      )}
      <ul className="orrery-snippets-sums">
        {sumsOf(context, job, unread).map(sum => (
          <li key={sum}>{sum}</li>
        ))}
      </ul>
      <Problems title={trans.__('Not read')} problems={failed} />
      <Problems title={trans.__('Left alone')} problems={report?.skipped ?? []} />
      <Problems title={trans.__('Left out')} problems={unread.leftOut} />
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
