// Runs inside the network namespace that dynamodb-local.ts makes: `node dynamodb-local-namespace.ts SOCKET JAR-FOLDER`.
import { execFileSync, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

const [, , socketPath = '', jarFolder = ''] = process.argv;
const port = 8000;

execFileSync('ip', ['link', 'set', 'lo', 'up']);
const java = ['java', '-Xmx256m', `-Djava.library.path=${jarFolder}/DynamoDBLocal_lib`, '-jar'];
const options = [`${jarFolder}/DynamoDBLocal.jar`, '-inMemory', '-port', String(port), '-disableTelemetry'];
spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...java, ...options], { stdio: 'inherit' }).on('exit', (code) => {
  process.exit(code ?? 1);
});

createServer((client) => {
  const dynamoDb = connect(port, '127.0.0.1');
  client.on('error', () => dynamoDb.destroy());
  dynamoDb.on('error', () => client.destroy());
  client.pipe(dynamoDb).pipe(client);
}).listen(socketPath);
