/**
 * Roles at the hub: what each may do, and which groups of the log-in provider give one.
 */
import React from 'react';

import { Button, Failure } from '../../controls';
import { usePoll } from '../../poll';
import type { RoleTable } from '../../schemas';

import { Mappings } from './mappings';
import { PermissionTable } from './table';

export function RolesView(): JSX.Element {
  const table = usePoll<RoleTable>('access/roles');
  return (
    <div className="orrery-admin-view">
      <header className="orrery-admin-bar">
        <h1>Roles</h1>
        <span className="orrery-admin-space" />
        <Button onClick={table.refresh}>Refresh</Button>
      </header>
      <div className="orrery-admin-page" aria-busy={!table.value}>
        {table.error && <Failure error={table.error} onRetry={table.refresh} />}
        {table.value && (
          <>
            <PermissionTable table={table.value} onChange={table.refresh} />
            <Mappings roles={table.value.roles} />
          </>
        )}
      </div>
    </div>
  );
}
