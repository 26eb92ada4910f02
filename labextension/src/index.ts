import projects from './projects/index';

export default [...projects];
