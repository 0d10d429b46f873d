-- A ledger of version 3, whose links stand for events and runs alone: what batchqual wrote into it then.
INSERT INTO "request" VALUES(1,4,'https://api.partnercenter.example','00000000-0000-4000-8000-00000000aaaa','00000000-0000-4000-8000-000000000001','Education','K12',NULL,NULL,'settled',0,1,0,'rid-1','cid-1',NULL,'2026-11-20T12:00:00.000000+00:00','2026-11-20T12:00:00.000000+00:00','2026-11-20T12:00:01.000000+00:00','2026-11-20T12:01:01.000000+00:00','Approved',NULL,NULL,'2026-11-20T12:01:01.000000+00:00',1,201,NULL,NULL,'customers.csv',2,'[["Customer","Tenant"],["Contoso School","\u2026"]]','2026-11-20T12:01:01.000000+00:00','looked',NULL,'run-1');
INSERT INTO "request" VALUES(2,1,'https://api.partnercenter.example','00000000-0000-4000-8000-00000000aaaa','00000000-0000-4000-8000-000000000002','GovernmentCommunityCloud',NULL,NULL,'0012345','queued',0,0,0,NULL,NULL,NULL,'2026-11-20T12:00:00.000000+00:00',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,'customers.csv',2,'[["Customer","Tenant"],["Contoso School","\u2026"]]','2026-11-20T12:00:00.000000+00:00','enrolled',NULL,'run-1');
INSERT INTO "run" VALUES(1,'run-1','run','2026-11-20T12:00:00.000000+00:00','2026-11-20T12:01:01.000000+00:00',0,1,'[{"path":"customers.csv","sha256":"00ff","rows":1,"fields":[]}]','["Name"]','{"rate":5}','{"get":2}',NULL,'[]',7,'a3e1f93aea71c3a944049e781e33223846088308cba314f9b65deed3b8c13ecf');
INSERT INTO "run_row" VALUES(1,0,'{"values":["Customer 0",0],"source":"customers.csv","row":2,"request":{"customer_id":"00000000-0000-4000-8000-000000000001","qualification":"Education","segment":"K12"}}');
INSERT INTO "run_verdict" VALUES(1,0,'{"outcome":"approved","attempts":0,"polls":0}');
INSERT INTO "event" VALUES(1,1,'2026-11-20T12:00:00.000000+00:00','enrolled',NULL,'queued','run-1',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(2,2,'2026-11-20T12:00:00.000000+00:00','enrolled',NULL,'queued','run-1',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(3,1,'2026-11-20T12:00:00.000000+00:00','intended','queued','sending','run-1','rid-1',NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(4,1,'2026-11-20T12:00:01.000000+00:00','answered','sending','in_review','run-1','rid-1','cid-1',201,NULL,NULL);
INSERT INTO "event" VALUES(5,1,'2026-11-20T12:01:01.000000+00:00','looked','in_review','settled','run-1','rid-1','cid-1',201,NULL,NULL);
INSERT INTO "link" VALUES(1,'run started',0,1,'9eff70ba0e307637402858b21a2da6b9750d5b7681755834dfd26127ccebef88');
INSERT INTO "link" VALUES(2,'event',1,NULL,'4a33d7052286ee6de759bacbb496d93faf77bf83a73ea15521f2cf92ff7c4ba4');
INSERT INTO "link" VALUES(3,'event',2,NULL,'7f5e2035b99a98ca3fd6ce1c9634981293e7d785ac07aa0d96dba4d8e6a327b8');
INSERT INTO "link" VALUES(4,'event',3,NULL,'2259429951c244a46a083e74546e7afa45e3b82f80ee691d3aa1ffdcf1dc7630');
INSERT INTO "link" VALUES(5,'event',4,NULL,'9f13d5fb64364809fc62fc9c7d943a2515991e27a51d481003d3eff662de5bd1');
INSERT INTO "link" VALUES(6,'event',5,NULL,'8e2f637f5cc2bdb2c4fd429cd13691c8882aac6d4906653e9068186dd5b2b305');
INSERT INTO "link" VALUES(7,'run ended',5,1,'a3e1f93aea71c3a944049e781e33223846088308cba314f9b65deed3b8c13ecf');
