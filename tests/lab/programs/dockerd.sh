# Starts the engine of a lab host; the argument is the control group of its containers. Containers use the host's network, as the launchers on a Spark do.
# The limit: a machine without CAP_SYS_RESOURCE cannot raise the one it has.
# The same machine gives no container every capability, which --privileged asks for: a runtime before runc leaves that one out.
runtime=
if [ $((0x$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status) >> 24 & 1)) = 0 ]; then
  runtime='--add-runtime capless=/opt/lab/programs/runc-capless.sh --default-runtime capless'
fi
exec setsid dockerd $runtime --data-root /var/lib/docker --exec-root /run/docker --pidfile /run/docker.pid \
  -H unix:///run/docker.sock -G docker --iptables=false --ip6tables=false --bridge=none \
  --default-ulimit nofile=4096:4096 --cgroup-parent "/$1" >>/var/lib/docker/engine.log 2>&1 </dev/null &
