import { startRegistry } from '../support/rigs/registry.ts';
import { registryContract } from './registry-contract.ts';
import { watchedContract } from './watched-contract.ts';

registryContract('dynalite', startRegistry);
watchedContract('dynalite', startRegistry);
