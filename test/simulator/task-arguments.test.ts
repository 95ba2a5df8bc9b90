import { taskArguments } from '../../simulator/task-arguments';

test.each([
  [[], []],
  [['--keep'], ['--keep']],
  [['--', '--port', '1'], ['--port', '1']],
  [['--port', '1', '--'], ['--port', '1', '--']],
])('arguments %j of a task are %j', (given, expected) => {
  const before = process.argv;
  try {
    process.argv = ['node', 'script', ...given];
    expect(taskArguments()).toEqual(expected);
  } finally {
    process.argv = before;
  }
});
