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
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { Button, IconButton, TextField } from '../../base/controls';
import { useSignal } from '../../base/hooks';
import { sentence } from '../../base/notify';
import { useMinutes } from '../../base/relativetime';
import type { ISnippetsContext } from '../context';
import type { Library, LibraryIn } from '../schemas';
import { LibrariesModel } from './library';
import { ProblemList } from './problems';

const SLUG = /[^a-z0-9]+/g;

/** Show the libraries until the person closes them. */
export async function showLibraries(context: ISnippetsContext): Promise<void> {
  const { model, trans } = context;
  const libraries = new LibrariesModel(model.calls, () => void model.refresh());
  void libraries.load();
  const body = ReactWidget.create(<Libraries libraries={libraries} trans={trans} />);
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

interface ILibrariesProps {
  libraries: LibrariesModel;
  trans: TranslationBundle;
}

/** Waits for an action and says what is wrong if it fails; whether it did not. */
type Attempt = (action: Promise<void>) => Promise<boolean>;

function Libraries(props: ILibrariesProps): JSX.Element {
  const { libraries, trans } = props;
  const [problem, setProblem] = useState('');
  useSignal(libraries.changed);
  const attempt: Attempt = action =>
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
      <ul className="orrery-snippets-library-list" aria-label={trans.__('Libraries')}>
        {libraries.items?.map(library => (
          <li key={library.name}>
            <LibraryText library={library} trans={trans} />
            <LibraryActions {...props} library={library} attempt={attempt} />
          </li>
        ))}
      </ul>
      <AddLibrary {...props} attempt={attempt} />
    </>
  );
}

function LibraryText(props: {
  library: Library;
  trans: TranslationBundle;
}): JSX.Element {
  const { library, trans } = props;
  useMinutes();
  return (
    <div className="orrery-snippets-library-text">
      <strong>{library.name}</strong>
      <span className="orrery-quiet">
        {library.kind === 'bundled' ? trans.__('comes with Orrery') : library.url}
        {library.ref ? ` @ ${library.ref}` : ''}
        {library.folder ? ` / ${library.folder}` : ''}
      </span>
      <span className="orrery-quiet" role="status">
        {stateOf(library, trans)}
      </span>
      {library.state === 'refreshing' && (
        <progress
          className="orrery-snippets-progress"
          aria-label={trans.__('Refreshing')}
        />
      )}
      {library.state === 'failed' && (
        <span className="orrery-problem">{library.error}</span>
      )}
      {library.problems.length > 0 && (
        <details>
          <summary>
            {trans._n(
              '%1 place in its files could not be read as it is',
              '%1 places in its files could not be read as they are',
              library.problems.length
            )}
          </summary>
          <ProblemList
            title={trans.__('Problems of %1', library.name)}
            problems={library.problems}
          />
        </details>
      )}
    </div>
  );
}

function stateOf(library: Library, trans: TranslationBundle): string {
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

/** What can be done with a library from Git. */
function LibraryActions(
  props: ILibrariesProps & { library: Library; attempt: Attempt }
): JSX.Element | null {
  const { libraries, trans, library, attempt } = props;
  const { name } = library;
  if (library.kind !== 'git') {
    return null;
  }
  return (
    <>
      {library.state === 'refreshing' ? (
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
      )}
      <IconButton
        icon={deleteIcon}
        label={trans.__('Remove %1', name)}
        onClick={() => void attempt(libraries.remove(name))}
      />
    </>
  );
}

const NO_LIBRARY: LibraryIn = { name: '', url: '', ref: '', folder: '' };

/** A library to be, whose name follows its address until the person writes one. */
function useNewLibrary(): {
  library: LibraryIn;
  change: (field: keyof LibraryIn, value: string) => void;
  clear: () => void;
} {
  const [library, setLibrary] = useState(NO_LIBRARY);
  const [isNamed, setNamed] = useState(false);
  return {
    library,
    change: (field, value) => {
      const name = field === 'url' && !isNamed ? { name: slugOf(value) } : {};
      setNamed(isNamed || field === 'name');
      setLibrary({ ...library, [field]: value, ...name });
    },
    clear: () => {
      setNamed(false);
      setLibrary(NO_LIBRARY);
    }
  };
}

function AddLibrary(props: ILibrariesProps & { attempt: Attempt }): JSX.Element {
  const { libraries, trans, attempt } = props;
  const { library, change, clear } = useNewLibrary();
  const add = async (): Promise<void> => {
    const { name, url, ref, folder } = library;
    // A required field would make the dialog refuse to close.
    if (!url.trim() || !name) {
      return;
    }
    const added = { name, url: url.trim(), ref: ref?.trim() || null, folder };
    if (await attempt(libraries.add(added))) {
      clear();
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
      className="orrery-snippets-add-library"
      onSubmit={event => {
        event.preventDefault();
        void add();
      }}
    >
      <h3>{trans.__('Add a library from Git')}</h3>
      <div className="orrery-snippets-fields">
        {fields.map(([field, label]) => (
          <TextField
            key={field}
            label={label}
            spellCheck={false}
            aria-required={field === 'url' || field === 'name'}
            value={library[field] ?? ''}
            onChange={event => change(field, event.currentTarget.value)}
          />
        ))}
      </div>
      <Button type="submit">{trans.__('Add library')}</Button>
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
