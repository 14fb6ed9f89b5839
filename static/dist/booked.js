(()=>{var n=document.getElementById("print");n.hidden=!window.print;n.addEventListener("click",()=>window.print());})();
