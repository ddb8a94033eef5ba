# Starts the engine of a lab host; the argument is the control group of its containers. Containers use the host's network, as the launchers on a Spark do.
# The limit: a machine without CAP_SYS_RESOURCE cannot raise the one it has.
exec setsid dockerd --data-root /var/lib/docker --exec-root /run/docker --pidfile /run/docker.pid \
  -H unix:///run/docker.sock -G docker --iptables=false --ip6tables=false --bridge=none \
  --default-ulimit nofile=4096:4096 --cgroup-parent "/$1" >>/var/lib/docker/engine.log 2>&1 </dev/null &
