# Pid 1 of a lab host, in namespaces of its own: an overlay of the machine's root with what a Spark has beside Debian,
# sshd, and dockerd. Lives as long as its stdin is open, so it ends with whoever started it.
# Arguments: host name, its folder, its address, Bun's binary, this folder, control group of its containers.
set -e
name=$1 folder=$2 address=$3 bun=$4 programs=$5 group=$6
hostname "$name"

# An upper folder on the file system of the lower one is refused, so the layer above / is a tmpfs.
mkdir -p "$folder/layer"
mount -t tmpfs -o size=1g,mode=755 layer "$folder/layer"
mkdir "$folder/layer/upper" "$folder/layer/work" "$folder/layer/root"
root=$folder/layer/root
mount -t overlay -o "lowerdir=/,upperdir=$folder/layer/upper,workdir=$folder/layer/work" root "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount -t tmpfs -o mode=755 run "$root/run"
mkdir -p "$root/run/sshd" "$root/opt/lab/programs" "$root/var/lib/docker" "$root/home"
# What a power cut must not take away lies in the lab's folder.
mount --bind "$folder/docker" "$root/var/lib/docker"
mount --bind "$folder/home" "$root/home"
touch "$root/opt/lab/bun"
mount --bind "$bun" "$root/opt/lab/bun"
mount --bind "$programs" "$root/opt/lab/programs"
# The kernel has one boot id, but a host that was booted again must have another.
cat /proc/sys/kernel/random/uuid > "$folder/boot-id"
mount --bind "$folder/boot-id" "$root/proc/sys/kernel/random/boot_id"

echo "$name" > "$root/etc/hostname"
printf '127.0.0.1 localhost\n%s %s\n' "$address" "$name" > "$root/etc/hosts"
: > "$root/etc/resolv.conf"
for file in passwd group shadow; do sed -i '/^spark:/d; /^docker:/d' "$root/etc/$file"; done
echo 'spark:x:4242:4242:spark:/home/spark:/bin/bash' >> "$root/etc/passwd"
printf 'spark:x:4242:\ndocker:x:4243:spark\n' >> "$root/etc/group"
echo 'spark:*:19000:0:99999:7:::' >> "$root/etc/shadow"
install -m 755 "$root/opt/lab/programs/nvidia-smi.pl" "$root/usr/local/bin/nvidia-smi"
# Docker takes `--gpus` where this is; on a Spark it brings the driver into the container.
printf '#!/bin/sh\n' > "$root/usr/local/bin/nvidia-container-runtime-hook"
chmod 755 "$root/usr/local/bin/nvidia-container-runtime-hook"
install -m 600 "$folder/host-key" "$root/etc/ssh/lab_host_key"
cp "$folder/sshd_config" "$root/etc/ssh/lab_sshd_config"

cd "$root"
mkdir -p .before
pivot_root . .before
umount -l /.before
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
unset TMPDIR

# The cable is plugged in from outside.
read -r _
ip link set lo up
ip addr add "$address/24" dev eth0
ip link set eth0 up
nft -f - <<RULES
table inet lab {
  counter connects { }
  chain input { type filter hook input priority -20; iifname eth0 tcp dport 22 tcp flags & (syn | ack) == syn counter name connects; }
}
RULES
/usr/sbin/sshd -f /etc/ssh/lab_sshd_config
/bin/sh /opt/lab/programs/dockerd.sh "$group"
echo ready
read -r _ || true
