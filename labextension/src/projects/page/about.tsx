/**
 * The head of the page: name, description and role; an owner edits them in place.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { editIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { executeOwn } from '../../base/registry';
import { Button, TextField } from '../../base/controls';
import { projectIcon } from '../../base/icons';
import { notifyError, sentence } from '../../base/notify';
import { CommandIDs } from '../commands';
import { When } from '../components';
import { DESCRIPTION_LENGTH, NAME_LENGTH } from '../dialogs';
import { roleMeaning, roleName } from '../names';
import type { Project } from '../schemas';
import type { IPageProps } from './props';

interface IAboutProps extends IPageProps {
  project: Project;
}

/** The project, or the form that changes its name and description. */
export function About(props: IAboutProps): JSX.Element {
  const [isEdited, setEdited] = React.useState(false);
  const button = React.useRef<HTMLButtonElement>(null);
  const wasEdited = React.useRef(false);
  React.useEffect(() => {
    // The keyboard goes back to where it came from, once the button is drawn again.
    if (wasEdited.current && !isEdited) {
      button.current?.focus();
    }
    wasEdited.current = isEdited;
  }, [isEdited]);
  return (
    <div className="orrery-page-header">
      <projectIcon.react tag="span" className="orrery-page-icon" />
      {isEdited ? (
        <EditForm {...props} onClose={() => setEdited(false)} />
      ) : (
        <>
          <Summary {...props} />
          <Actions {...props} button={button} onEdit={() => setEdited(true)} />
        </>
      )}
    </div>
  );
}

function Summary({ model, project, trans }: IAboutProps): JSX.Element {
  return (
    <div className="orrery-page-summary">
      <h1>{project.name}</h1>
      <div className="orrery-meta">
        <span title={roleMeaning(project.role, trans)}>
          {roleName(project.role, trans)}
        </span>
        <span title={trans.__('The identifier, in addresses and folder names')}>
          {project.slug}
        </span>
        <span>{trans._n('%1 member', '%1 members', project.members)}</span>
        <When prefix={trans.__('changed')} when={project.updated} />
      </div>
      <Labels project={project} trans={trans} />
      <p className={project.description ? 'orrery-page-description' : 'orrery-quiet'}>
        {project.description ||
          (model.rights(trans).change === ''
            ? trans.__('No description yet. Edit the project to add one.')
            : trans.__('No description.'))}
      </p>
    </div>
  );
}

/** Category and labels, that it is archived, and where else the project leads; nothing when there is none. */
function Labels(props: Pick<IAboutProps, 'project' | 'trans'>): JSX.Element | null {
  const { project, trans } = props;
  const { archived, category, labels, links } = project;
  if (!archived && !category && labels.length + links.length === 0) {
    return null;
  }
  return (
    <ul
      aria-label={trans.__('Category, labels and links')}
      className="orrery-page-tags"
    >
      {archived && (
        <li className="orrery-page-badge">
          <When prefix={trans.__('archived')} when={archived} />
        </li>
      )}
      {category && <li className="orrery-page-badge">{category}</li>}
      {labels.map(label => (
        <li className="orrery-page-badge" key={label}>
          {label}
        </li>
      ))}
      {links.map(({ title, url }) => (
        <li key={url}>
          <a href={url} rel="noopener noreferrer" target="_blank" title={url}>
            {title}
          </a>
        </li>
      ))}
    </ul>
  );
}

interface IActionsProps extends IAboutProps {
  button: React.RefObject<HTMLButtonElement>;
  onEdit: () => void;
}

function Actions(props: IActionsProps): JSX.Element {
  const { button, commands, model, onEdit, project, trans } = props;
  const { change } = model.rights(trans);
  const isCurrent = model.projects.current?.slug === project.slug;
  return (
    <div className="orrery-page-actions">
      <PinButton {...props} />
      {isCurrent || project.archived ? (
        isCurrent && (
          <span className="orrery-page-badge">{trans.__('Current project')}</span>
        )
      ) : (
        <Button
          onClick={() =>
            void executeOwn(commands, CommandIDs.switch, { slug: project.slug })
          }
        >
          {trans.__('Work in This Project')}
        </Button>
      )}
      <Button
        disabled={change !== ''}
        onClick={onEdit}
        ref={button}
        title={change || trans.__('Change name, description, category and labels')}
      >
        <editIcon.react tag="span" />
        {trans.__('Edit')}
      </Button>
    </div>
  );
}

function PinButton({ model, project, trans }: IAboutProps): JSX.Element {
  const { pin } = model.rights(trans);
  const title = project.pinned
    ? trans.__('No longer show it first in your lists')
    : trans.__('Show it first in your lists');
  return (
    <Button
      aria-pressed={project.pinned}
      disabled={pin !== ''}
      onClick={() => {
        const change = model.shelve({ pinned: !project.pinned });
        change.catch((error: unknown) => notifyError(error, trans));
      }}
      title={pin || title}
    >
      {project.pinned ? trans.__('Pinned') : trans.__('Pin')}
    </Button>
  );
}

/** What a person types into the form; labels as one text. */
interface IEntries {
  category: string;
  description: string;
  labels: string;
  name: string;
}

function EditForm(props: IAboutProps & { onClose: () => void }): JSX.Element {
  const { model, onClose, project, trans } = props;
  const [entries, setEntries] = React.useState<IEntries>({
    category: project.category ?? '',
    description: project.description,
    labels: project.labels.join(', '),
    name: project.name
  });
  const [problem, setProblem] = React.useState('');
  const save = async (): Promise<void> => {
    if (!entries.name.trim()) {
      setProblem(trans.__('Give the project a name.'));
      return;
    }
    try {
      await model.update({
        name: entries.name.trim(),
        description: entries.description.trim(),
        category: entries.category.trim(),
        labels: splitLabels(entries.labels)
      });
      onClose();
    } catch (error) {
      setProblem(sentence(error, trans));
    }
  };
  return (
    <form
      aria-label={trans.__('Edit project')}
      className="orrery-page-form"
      onKeyDown={event => event.key === 'Escape' && onClose()}
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
    >
      <EditFields
        entries={entries}
        onChange={change => setEntries({ ...entries, ...change })}
        problem={problem}
        trans={trans}
      />
      <div className="orrery-page-actions">
        <Button onClick={onClose}>{trans.__('Cancel')}</Button>
        <Button look="accept" type="submit">
          {trans.__('Save')}
        </Button>
      </div>
    </form>
  );
}

interface IEditFieldsProps {
  entries: IEntries;
  onChange: (change: Partial<IEntries>) => void;
  problem: string;
  trans: TranslationBundle;
}

function EditFields(props: IEditFieldsProps): JSX.Element {
  const { entries, onChange, problem, trans } = props;
  return (
    <>
      <TextField
        autoFocus
        label={trans.__('Name')}
        maxLength={NAME_LENGTH}
        name="name"
        onChange={event => onChange({ name: event.target.value })}
        problem={problem || undefined}
        type="text"
        value={entries.name}
      />
      <TextField
        label={trans.__('Description')}
        maxLength={DESCRIPTION_LENGTH}
        name="description"
        onChange={event => onChange({ description: event.target.value })}
        rows={4}
        value={entries.description}
      />
      <TextField
        label={trans.__('Category')}
        maxLength={NAME_LENGTH}
        name="category"
        onChange={event => onChange({ category: event.target.value })}
        type="text"
        value={entries.category}
      />
      <TextField
        hint={trans.__('Separated by commas')}
        label={trans.__('Labels')}
        name="labels"
        onChange={event => onChange({ labels: event.target.value })}
        type="text"
        value={entries.labels}
      />
    </>
  );
}

/** The labels in a text, each once. */
function splitLabels(text: string): string[] {
  const labels = text.split(',').map(label => label.trim());
  return [...new Set(labels.filter(label => label !== ''))];
}
