/**
 * The lists of Home: what was worked on lately, and where to go.
 */
import {
  codeIcon,
  fileIcon,
  folderIcon,
  inspectorIcon,
  launchIcon,
  notebookIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Button } from '../../base/controls';
import { When } from '../components';
import type { Link, Project, Recent } from '../schemas';
import type { IPartProps } from './props';

const NEW_NOTEBOOK = 'notebook:create-new';

const ICONS: Record<Recent['kind'], LabIcon> = {
  notebook: notebookIcon,
  file: fileIcon,
  snippet: codeIcon,
  run: inspectorIcon
};

/** Notebooks, files, snippets and runs, the newest first. */
export function RecentList(
  props: IPartProps & { recent: readonly Recent[] }
): JSX.Element {
  const { recent, run, trans } = props;
  return (
    <section aria-labelledby="orrery-home-recent">
      <h2 id="orrery-home-recent">{trans.__('Recent')}</h2>
      {recent.length > 0 ? (
        <ul className="orrery-page-list">
          {recent.map(item => (
            <Row
              key={`${item.kind} ${item.id}${item.path}`}
              icon={ICONS[item.kind]}
              label={item.label}
              meta={<When when={item.when} />}
              onOpen={() => run(...openAction(item), item.label)}
              title={item.path || undefined}
            />
          ))}
        </ul>
      ) : (
        <NothingRecent {...props} />
      )}
    </section>
  );
}

function NothingRecent({ commands, run, trans }: IPartProps): JSX.Element {
  return (
    <div className="orrery-quiet">
      <p>{trans.__('Notebooks, files and snippets that you work on appear here.')}</p>
      {commands.hasCommand(NEW_NOTEBOOK) && (
        <Button look="accept" onClick={() => run(NEW_NOTEBOOK)}>
          {trans.__('New Notebook')}
        </Button>
      )}
    </div>
  );
}

/** The command that opens something recent, and its arguments. */
function openAction(item: Recent): [string, ReadonlyJSONObject] {
  switch (item.kind) {
    case 'snippet':
      return ['snippets:edit', { id: item.id }];
    case 'run':
      return ['eda:open', { id: item.id }];
    default:
      return ['docmanager:open', { path: item.path }];
  }
}

/** Folders of the project, and pages outside the lab. */
export function LinkList(
  props: IPartProps & { links: readonly Link[]; project: Project | null }
): JSX.Element | null {
  const { links, trans } = props;
  if (links.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="orrery-home-links">
      <h2 id="orrery-home-links">{trans.__('Quick links')}</h2>
      <ul className="orrery-page-list">
        {links.map(link => (
          <LinkRow key={link.kind} {...props} link={link} />
        ))}
      </ul>
    </section>
  );
}

/** What a link is called, and where it leads. */
function wordsOf(
  { kind }: Link,
  project: Project | null,
  trans: TranslationBundle
): readonly [string, string] {
  const name = project?.name ?? '';
  const words: Record<Link['kind'], readonly [string, string]> = {
    lake: [trans.__('Lake'), trans.__('Data of %1', name)],
    code: [trans.__('Code'), trans.__('Repository of %1', name)],
    mlflow: [trans.__('MLflow'), trans.__('Experiments and models')],
    hub: [trans.__('Hub'), trans.__('Your servers')],
    documentation: [trans.__('Documentation'), trans.__('How to use Orrery')]
  };
  return words[kind];
}

interface ILinkProps extends IPartProps {
  link: Link;
  project: Project | null;
}

function LinkRow({ link, project, run, trans }: ILinkProps): JSX.Element {
  const [label, caption] = wordsOf(link, project, trans);
  if (!link.url) {
    return (
      <Row
        icon={folderIcon}
        label={label}
        meta={caption}
        onOpen={() => run('filebrowser:open-path', { path: link.path }, label)}
        title={link.path}
      />
    );
  }
  return (
    <li>
      <a
        className="orrery-home-row"
        href={webAddress(link.url)}
        rel="noopener noreferrer"
        target="_blank"
        title={link.url}
      >
        <launchIcon.react tag="span" className="orrery-home-icon" />
        <span className="orrery-home-label">{label}</span>
        <span className="orrery-home-meta">{caption}</span>
        <span className="orrery-hidden">{trans.__('(opens in a new tab)')}</span>
      </a>
    </li>
  );
}

interface IRowProps {
  icon: LabIcon;
  label: string;
  meta?: React.ReactNode;
  onOpen: () => void;
  title?: string;
}

/** One line: an icon, a name, one quiet text. */
function Row({ icon: Icon, label, meta, onOpen, title }: IRowProps): JSX.Element {
  return (
    <li>
      <button className="orrery-home-row" onClick={onOpen} title={title} type="button">
        <Icon.react tag="span" className="orrery-home-icon" />
        <span className="orrery-home-label">{label}</span>
        <span className="orrery-home-meta">{meta}</span>
      </button>
    </li>
  );
}

/** An address that a click may follow; anything but the web leads nowhere. */
function webAddress(url: string): string | undefined {
  try {
    const { protocol } = new URL(url, window.location.href);
    return protocol === 'http:' || protocol === 'https:' ? url : undefined;
  } catch {
    return undefined;
  }
}
