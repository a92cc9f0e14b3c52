// send.js PORT CONNECTIONS LETTERS (plain|starttls) CA TEMPLATES: sends by nodemailer's pool, each letter rendered by handlebars.
'use strict';
const fs = require('fs');
const path = require('path');
const handlebars = require('handlebars');
const nodemailer = require('nodemailer');

const [port, connections, letters, security, ca, templates] = process.argv.slice(2);
const compiled = name => handlebars.compile(fs.readFileSync(path.join(templates, name), 'utf8'));
const [text, html] = [compiled('letter.txt'), compiled('letter.html')];
const mailer = nodemailer.createTransport({
    host: 'localhost',
    port: Number(port),
    pool: true,
    maxConnections: Number(connections),
    maxMessages: Infinity,
    secure: false,
    ignoreTLS: security === 'plain',
    requireTLS: security === 'starttls',
    tls: security === 'starttls' ? { ca: fs.readFileSync(ca) } : undefined,
});

let next = 0;
async function worker() {
    while (next < Number(letters)) {
        const number = next++;
        const guest = { name: `Guest Number ${number}`, email: `guest${number}@post.example` };
        await mailer.sendMail({
            from: '"Workshop" <workshop@primaria.example>',
            to: { name: guest.name, address: guest.email },
            subject: 'Invitation: ECoC-SME online workshop',
            text: text(guest),
            html: html(guest),
        });
    }
}
// Two letters a connection are on hand, so that the pool never waits for the next.
Promise.all(Array.from({ length: 2 * Number(connections) }, worker)).then(
    () => mailer.close(),
    error => {
        console.error(error);
        process.exit(1);
    },
);
