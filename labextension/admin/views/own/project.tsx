/**
 * What an owner does with the project itself: describe, archive, delete, bring back.
 */
import React, { useState } from 'react';

import { useAct } from '../../act';
import { useAdmin } from '../../context';
import { Button, LongTextField, TextField } from '../../controls';
import { Dialog } from '../../dialog';
import type { IList } from '../../listview';
import type { Project } from '../../schemas';

type Action = 'edit' | 'delete';

export function ProjectButtons(props: {
  project: Project;
  list: IList<Project>;
}): JSX.Element {
  const { project, list } = props;
  const { api } = useAdmin();
  const act = useAct();
  const [action, setAction] = useState<Action>();
  const path = `projects/${project.slug}`;
  const tell = (verb: 'archive' | 'restore' | 'undelete', text: string) => async () => {
    await api.call(`${path}/${verb}`, { method: 'POST' });
    list.refresh();
    return `${project.name} ${text}.`;
  };
  if (project.deleted) {
    return (
      <div className="orrery-admin-actions">
        <Button look="accent" onClick={() => act(tell('undelete', 'is back'))}>
          Bring Back
        </Button>
      </div>
    );
  }
  return (
    <div className="orrery-admin-actions">
      <Button onClick={() => setAction('edit')}>Edit…</Button>
      {project.archived ? (
        <Button onClick={() => act(tell('restore', 'can be changed again'))}>
          Restore
        </Button>
      ) : (
        <Button onClick={() => act(tell('archive', 'is archived'))}>Archive</Button>
      )}
      <Button look="error" onClick={() => setAction('delete')}>
        Delete…
      </Button>
      {action === 'edit' && (
        <EditDialog
          project={project}
          onDone={next => list.replace(next)}
          onClose={() => setAction(undefined)}
        />
      )}
      {action === 'delete' && (
        <DeleteDialog
          project={project}
          onDone={() => list.refresh()}
          onClose={() => setAction(undefined)}
        />
      )}
    </div>
  );
}

function DeleteDialog(props: {
  project: Project;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { project } = props;
  const { api } = useAdmin();
  const remove = async () => {
    await api.call(`projects/${project.slug}`, { method: 'DELETE' });
    props.onDone();
  };
  return (
    <Dialog
      title={`Delete ${project.name}`}
      accept="Delete"
      isDangerous
      onAccept={remove}
      onClose={props.onClose}
    >
      <p>Nobody can work in it any more. Its owners can bring it back for a while.</p>
    </Dialog>
  );
}

function EditDialog(props: {
  project: Project;
  onDone: (project: Project) => void;
  onClose: () => void;
}): JSX.Element {
  const { project } = props;
  const { api } = useAdmin();
  const [name, setName] = useState(project.name);
  const [description, setDescription] = useState(project.description);
  const [category, setCategory] = useState(project.category ?? '');
  const save = async () => {
    const body = { name: name.trim(), description, category: category.trim() };
    const path = `projects/${project.slug}`;
    props.onDone(await api.call<Project>(path, { method: 'PATCH', body }));
  };
  return (
    <Dialog
      title={`Edit ${project.name}`}
      accept="Save"
      isReady={name.trim() !== ''}
      onAccept={save}
      onClose={props.onClose}
    >
      <TextField label="Name" required value={name} onChange={setName} />
      <LongTextField
        label="Description"
        value={description}
        onChange={setDescription}
      />
      <TextField label="Category" value={category} onChange={setCategory} />
    </Dialog>
  );
}
