import projects from './projects/index';
import snippets from './snippets/index';

export default [...projects, ...snippets];
