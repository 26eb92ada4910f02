/**
 * The libraries that read-only snippets come from: see, add, refresh, remove.
 */
import { Dialog } from '@jupyterlab/apputils';
import { Time } from '@jupyterlab/coreutils';
import {
  deleteIcon,
  ReactWidget,
  refreshIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import { useChanges } from '../base/hooks';
import { sentence } from '../base/notify';
import { Field, IconButton } from '../base/controls';
import { ScreenContext, useScreen, type IScreen } from './hooks';
import type { Library, LibraryIn } from './schemas';

const SLUG = /[^a-z0-9]+/g;

/** Show the libraries until the person closes them. */
export async function showLibraries(screen: IScreen): Promise<void> {
  const { libraries, trans } = screen.bench;
  void libraries.load();
  const body = ReactWidget.create(
    <ScreenContext.Provider value={screen}>
      <Libraries />
    </ScreenContext.Provider>
  );
  body.addClass('orrery-snippets-libraries');
  const dialog = new LibrariesDialog({
    title: trans.__('Snippet libraries'),
    body,
    buttons: [Dialog.okButton({ label: trans.__('Close') })],
    hasClose: true
  });
  await dialog.launch();
  libraries.stop();
}

/** A dialog in which Enter adds what was typed, and closes nothing. */
class LibrariesDialog extends Dialog<unknown> {
  protected override _evtKeydown(event: KeyboardEvent): void {
    const { target } = event;
    if (event.key === 'Enter' && target instanceof HTMLInputElement && target.form) {
      event.preventDefault();
      event.stopPropagation();
      target.form.requestSubmit();
    } else {
      super._evtKeydown(event);
    }
  }
}

function Libraries(): JSX.Element {
  const { libraries, trans } = useScreen().bench;
  const [problem, setProblem] = useState('');
  useChanges(libraries.changed);
  const attempt = (action: Promise<void>): Promise<boolean> =>
    action.then(
      () => {
        setProblem('');
        return true;
      },
      error => {
        setProblem(sentence(error, trans));
        return false;
      }
    );
  const failure = problem || (libraries.error ? sentence(libraries.error, trans) : '');
  return (
    <>
      {failure && (
        <p className="orrery-problem" role="alert">
          {failure}
        </p>
      )}
      {libraries.items === null && !failure && <p>{trans.__('Loading…')}</p>}
      <ul className="orrery-snippets-librarylist" aria-label={trans.__('Libraries')}>
        {libraries.items?.map(library => (
          <LibraryRow key={library.name} library={library} attempt={attempt} />
        ))}
      </ul>
      <AddLibrary attempt={attempt} />
    </>
  );
}

type Attempt = (action: Promise<void>) => Promise<boolean>;

function LibraryRow(props: { library: Library; attempt: Attempt }): JSX.Element {
  const { libraries, trans } = useScreen().bench;
  const { library, attempt } = props;
  const { name } = library;
  const refreshing = library.state === 'refreshing';
  return (
    <li>
      <div className="orrery-snippets-librarytext">
        <strong>{name}</strong>
        <span className="orrery-quiet">
          {library.kind === 'shipped' ? trans.__('comes with Orrery') : library.url}
          {library.ref ? ` @ ${library.ref}` : ''}
          {library.folder ? ` / ${library.folder}` : ''}
        </span>
        <span className="orrery-quiet" role="status">
          {state()}
        </span>
        {refreshing && (
          <progress
            className="orrery-snippets-progress"
            aria-label={trans.__('Refreshing')}
          />
        )}
        {library.state === 'failed' && (
          <span className="orrery-problem">{library.error}</span>
        )}
      </div>
      {library.kind === 'git' &&
        (refreshing ? (
          <IconButton
            icon={stopIcon}
            label={trans.__('Cancel refresh of %1', name)}
            onClick={() => void attempt(libraries.cancel(name))}
          />
        ) : (
          <IconButton
            icon={refreshIcon}
            label={trans.__('Refresh %1', name)}
            onClick={() => void attempt(libraries.refresh(name))}
          />
        ))}
      {library.kind === 'git' && (
        <IconButton
          icon={deleteIcon}
          label={trans.__('Remove %1', name)}
          onClick={() => void attempt(libraries.remove(name))}
        />
      )}
    </li>
  );

  function state(): string {
    const count = trans._n('%1 snippet', '%1 snippets', library.count);
    switch (library.state) {
      case 'refreshing':
        return trans.__('Refreshing…');
      case 'never':
        return trans.__('Not read yet');
      case 'failed':
        return trans.__('The last refresh failed');
      default:
        return library.refreshed
          ? trans.__('%1, refreshed %2', count, Time.formatHuman(library.refreshed))
          : count;
    }
  }
}

function AddLibrary({ attempt }: { attempt: Attempt }): JSX.Element {
  const { libraries, trans } = useScreen().bench;
  const [library, setLibrary] = useState<LibraryIn>({
    name: '',
    url: '',
    ref: '',
    folder: ''
  });
  const [named, setNamed] = useState(false);
  const change =
    (field: keyof LibraryIn) => (event: React.ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget;
      const next = { ...library, [field]: value };
      if (field === 'url' && !named) {
        next.name = slugOf(value);
      }
      setNamed(named || field === 'name');
      setLibrary(next);
    };
  const add = async (): Promise<void> => {
    const { name, url, ref, folder } = library;
    // A required field would make the dialog refuse to close.
    if (!url.trim() || !name) {
      return;
    }
    const made = libraries.add({
      name,
      url: url.trim(),
      ref: ref?.trim() || null,
      folder
    });
    if (await attempt(made)) {
      setLibrary({ name: '', url: '', ref: '', folder: '' });
      setNamed(false);
    }
  };
  const fields: [keyof LibraryIn, string][] = [
    ['url', trans.__('Git URL')],
    ['name', trans.__('Name')],
    ['ref', trans.__('Branch or tag')],
    ['folder', trans.__('Folder')]
  ];
  return (
    <form
      className="orrery-snippets-addlibrary"
      onSubmit={event => {
        event.preventDefault();
        void add();
      }}
    >
      <h3>{trans.__('Add a library from Git')}</h3>
      <div className="orrery-snippets-fields">
        {fields.map(([field, label]) => (
          <Field key={field} label={label}>
            {id => (
              <input
                id={id}
                className="jp-mod-styled"
                spellCheck={false}
                aria-required={field === 'url' || field === 'name'}
                value={library[field] ?? ''}
                onChange={change(field)}
              />
            )}
          </Field>
        ))}
      </div>
      <button type="submit" className="jp-mod-styled orrery-call">
        {trans.__('Add library')}
      </button>
    </form>
  );
}

/** A name that a URL suggests. */
function slugOf(url: string): string {
  const last = url.trim().replace(/\/+$/, '').split(/[/:]/).pop() ?? '';
  return last
    .replace(/\.git$/, '')
    .toLowerCase()
    .replace(SLUG, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
}
