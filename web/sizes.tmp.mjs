import { build, loadConfigFromFile } from 'vite';
const { config } = await loadConfigFromFile({command:'build',mode:'production'});
config.plugins = config.plugins.filter(p=>p.name!=='fonts');
config.plugins.push({name:'sz',generateBundle(_,b){for(const c of Object.values(b)) if(c.modules){const r=Object.entries(c.modules).map(([k,m])=>[m.renderedLength,k.replace(/.*web\//,'')]).sort((a,b)=>b[0]-a[0]); for(const [n,k] of r.slice(0,45)) console.log(n,k)}}});
await build({...config,configFile:false,logLevel:'error',mode:'production',build:{...config.build,write:false}});
