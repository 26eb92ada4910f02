/**
 * Invitations to a project that wait for an answer, and a new one.
 */
import React, { useState } from 'react';

import type { Page } from '../../../src/base/schemas';

import { useAct } from '../../act';
import { segment } from '../../api';
import { useAdmin } from '../../context';
import { Button, Select, TextField } from '../../controls';
import { Dialog } from '../../dialog';
import { Moment } from '../../format';
import { Items } from '../../items';
import { usePoll } from '../../poll';
import type { Invitation, ProjectRole } from '../../schemas';

import { ROLES } from './members';

export function Invitations({ slug }: { slug: string }): JSX.Element {
  const { api } = useAdmin();
  const act = useAct();
  const path = `projects/${slug}/invitations`;
  const page = usePoll<Page<Invitation>>(`${path}?limit=200`);
  const [isInviting, setInviting] = useState(false);
  const withdraw = (user: string) => async () => {
    await api.call(`${path}/${segment(user)}`, { method: 'DELETE' });
    page.refresh();
    return `The invitation of ${user} is taken back.`;
  };
  return (
    <>
      <h3>Invitations</h3>
      <Items page={page} keyOf={({ user }) => user} empty="None waits for an answer.">
        {invitation => (
          <span className="orrery-admin-line">
            <span>
              {invitation.user}{' '}
              <span className="orrery-quiet">
                as {invitation.role}, ends <Moment when={invitation.expires} />
              </span>
            </span>
            <Button
              look="stealth"
              label={`Take back the invitation of ${invitation.user}`}
              onClick={() => act(withdraw(invitation.user))}
            >
              Take Back
            </Button>
          </span>
        )}
      </Items>
      <div className="orrery-admin-actions">
        <Button onClick={() => setInviting(true)}>Invite…</Button>
      </div>
      {isInviting && (
        <InviteDialog
          path={path}
          onDone={page.refresh}
          onClose={() => setInviting(false)}
        />
      )}
    </>
  );
}

function InviteDialog(props: {
  path: string;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { api, toasts } = useAdmin();
  const [user, setUser] = useState('');
  const [role, setRole] = useState<ProjectRole>('editor');
  const invite = async () => {
    const body = { user: user.trim(), role };
    await api.call(props.path, { method: 'POST', body });
    toasts.info(`${user.trim()} becomes a member by accepting.`);
    props.onDone();
  };
  return (
    <Dialog
      title="Invite"
      accept="Invite"
      isReady={user.trim() !== ''}
      onAccept={invite}
      onClose={props.onClose}
    >
      <TextField label="User name" required value={user} onChange={setUser} />
      <Select label="Role" value={role} options={ROLES} onChange={setRole} />
    </Dialog>
  );
}
