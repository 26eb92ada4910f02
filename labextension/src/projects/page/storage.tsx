/**
 * Where the project's data and code lie.
 */
import { Clipboard } from '@jupyterlab/apputils';
import { checkIcon, copyIcon, folderIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { IconButton } from '../../base/controls';
import { notifyError } from '../../base/notify';
import type { StoragePlace } from '../schemas';
import type { IPageProps } from './props';

const COPIED_MS = 2_000;

/** The places, each with Copy and Open in File Browser. */
export function StoragePlaces(props: IPageProps): JSX.Element {
  const { model, trans } = props;
  return (
    <section aria-labelledby="orrery-page-storage">
      <h2 id="orrery-page-storage">{trans.__('Storage')}</h2>
      {model.places.length > 0 ? (
        <ul className="orrery-page-list">
          {model.places.map(place => (
            <PlaceRow key={place.kind} {...props} place={place} />
          ))}
        </ul>
      ) : (
        <p className="orrery-quiet">
          {trans.__('This project has no place of its own for data or code.')}
        </p>
      )}
    </section>
  );
}

function PlaceRow(props: IPageProps & { place: StoragePlace }): JSX.Element {
  const { commands, place, trans } = props;
  const { kind, location, path } = place;
  const name = kind === 'lake' ? trans.__('Data lake') : trans.__('Repository');
  const open = (): void => {
    commands
      .execute('filebrowser:open-path', { path: path || '/' })
      .catch((error: unknown) => notifyError(error, trans));
  };
  return (
    <li className="orrery-page-row">
      <span className="orrery-page-kind">{name}</span>
      <code className="orrery-page-label" title={location}>
        {location}
      </code>
      <CopyButton label={trans.__('Copy the location: %1', name)} text={location} />
      <IconButton
        disabled={path === null}
        icon={folderIcon}
        label={
          path === null
            ? trans.__('It cannot be seen in the file browser of this lab')
            : trans.__('Open in File Browser: %1', name)
        }
        onClick={open}
      />
    </li>
  );
}

function CopyButton({ label, text }: { label: string; text: string }): JSX.Element {
  const [isCopied, setCopied] = React.useState(false);
  React.useEffect(() => {
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <IconButton
      icon={isCopied ? checkIcon : copyIcon}
      label={label}
      onClick={() => {
        Clipboard.copyToSystem(text);
        setCopied(true);
      }}
    />
  );
}
